//! Serves a CAR of what a path leads to:
//! <https://specs.ipfs.tech/http-gateways/trustless-gateway/>.

use std::{collections::VecDeque, io};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use w3pin_unixfs::{Cid, RAW};

mod params;
mod seen;

use self::{
    params::Duplicates,
    seen::{Seen, TooMany, Was},
};
use super::{
    GatewayRequest,
    held_block::HeldBlock,
    query::disposition,
    resolve::{Blocks, Found, Resolved, is_identity},
    set_value,
    walk::{Link, Next, Walk},
};
use crate::{
    budget::Share,
    envelope::Refusal,
    pieces::{self, PIECE},
};
pub(super) use params::CarParams;

/// The number of levels and path blocks that each connection has memory for.
const FREE_LEVELS: usize = 64;

/// Returns the response. If an error occurs while it is sent, the connection is closed, so that
/// clients notice that it is incomplete.
pub(super) fn car(
    blocks: &Blocks,
    asked: &GatewayRequest,
    params: CarParams,
    resolved: Resolved,
) -> Result<Response, Refusal> {
    let etag = etag(asked, params);
    if let Some(response) = asked.not_modified(&[&etag]) {
        return Ok(response);
    }
    let cid = resolved.found.cid;
    let name = asked.query.filename.clone();
    let name = name.unwrap_or_else(|| format!("{cid}.car"));
    let headers = [
        (header::CONTENT_TYPE, set_value(&params.content_type())),
        (
            header::CONTENT_DISPOSITION,
            disposition("attachment", &name),
        ),
        (header::ETAG, etag),
        (header::ACCEPT_RANGES, HeaderValue::from_static("none")),
    ];
    let body = CarBody::stream(blocks, params, resolved)?;
    Ok((headers, body).into_response())
}

/// Returns an ETag that differs whenever the blocks do. If blocks may be forgotten, the bytes may
/// differ for the same ETag.
fn etag(asked: &GatewayRequest, params: CarParams) -> HeaderValue {
    let what = format!("{params}\0{}", asked.path.join("/"));
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(what)[..8]);
    let weak = match params.duplicates {
        Duplicates::Unsaid => "W/",
        Duplicates::Sent | Duplicates::LeftOut => "",
    };
    set_value(&format!("{weak}\"{}.car.{digest}\"", asked.root))
}

/// The rest of a CAR.
struct CarBody {
    blocks: Blocks,
    /// The header, until it is sent.
    head: Option<Vec<u8>>,
    /// The blocks that precede the walk.
    trail: std::vec::IntoIter<Cid>,
    walk: Walk,
    seen: Option<Seen>,
    share: Share,
    /// The block that is being sent, and how much of it has been.
    held: HeldBlock,
    sent: Option<usize>,
    /// Leaves that were read in advance for the current piece.
    leaves: VecDeque<Found>,
    /// An error that is reported after everything before it has been sent.
    failed: Option<Refusal>,
}

impl CarBody {
    fn stream(blocks: &Blocks, params: CarParams, resolved: Resolved) -> Result<Body, Refusal> {
        let Resolved { found, trail, .. } = resolved;
        let walks = &blocks.app.walks;
        let may_forget = params.duplicates == Duplicates::Unsaid;
        let is_remembering = params.duplicates != Duplicates::Sent;
        let mut body = Self {
            blocks: blocks.clone(),
            head: Some(w3pin_car::header(&[found.cid])),
            walk: Walk::new(&found, params.scope.extent(&found)),
            seen: is_remembering.then(|| Seen::new(walks.share(blocks.who), may_forget)),
            share: walks.share(blocks.who),
            held: HeldBlock::new(blocks, found),
            sent: None,
            leaves: VecDeque::new(),
            failed: None,
            trail: Vec::new().into_iter(),
        };
        body.charge(trail.len())?;
        body.trail = trail.into_iter();
        Ok(pieces::body(body, |mut body| async {
            let next = body.next().await.map_err(|refusal| {
                tracing::debug!(?refusal, "a CAR response was aborted");
                io::Error::other("a block can't be read")
            });
            Ok(next?.map(|piece| (piece, body)))
        }))
    }

    /// Returns the next piece.
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let mut piece = BytesMut::from(&self.head.take().unwrap_or_default()[..]);
        while piece.len() < PIECE {
            match self.put(&mut piece).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(cause) if piece.is_empty() => return Err(cause),
                Err(cause) => {
                    self.failed = Some(cause);
                    break;
                }
            }
        }
        // State between two pieces has a share of memory, and these have none.
        self.leaves = VecDeque::new();
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }

    /// Adds to a piece, if anything is left.
    async fn put(&mut self, piece: &mut BytesMut) -> Result<bool, Refusal> {
        if let Some(sent) = self.sent {
            let block = self.held.bytes().await?;
            let end = block.len().min(sent + PIECE - piece.len());
            piece.extend_from_slice(block.get(sent..end).unwrap_or_default());
            self.sent = (end < block.len()).then_some(end);
            return Ok(true);
        }
        let Some(found) = self.next_block(PIECE - piece.len()).await? else {
            return Ok(false);
        };
        piece.extend_from_slice(&w3pin_car::section_head(&found.cid, found.block.len()));
        self.held.replace(found);
        self.sent = Some(0);
        Ok(true)
    }

    /// Returns the next block to send, if it fits into `room`.
    async fn next_block(&mut self, room: usize) -> Result<Option<Found>, Refusal> {
        for cid in self.trail.by_ref() {
            let is_new = match &mut self.seen {
                Some(seen) => seen.insert(&cid, Was::Sent)?,
                None => true,
            };
            if is_new && !is_identity(&cid) {
                return self.blocks.fetch(&cid).await.map(Some);
            }
        }
        while let Some(next) = self.walk.next() {
            let link = match next {
                Next::Visit(link) => link,
                Next::Read(cid) => {
                    let found = self.blocks.fetch(&cid).await?;
                    let seen = self.seen.as_ref();
                    self.walk.look_ahead(&found, |link| is_done(seen, link))?;
                    continue;
                }
            };
            let is_leaf = link.cid.codec() == RAW;
            let is_whole = is_leaf || self.walk.takes_all_of(&link);
            let (is_sent, is_entered) = match &mut self.seen {
                None => (true, true),
                Some(seen) if is_whole => {
                    let was_sent = seen.contains(&link.cid, Was::Sent);
                    let is_new = seen.insert(&link.cid, Was::Walked)?;
                    (is_new && !was_sent, is_new)
                }
                Some(seen) => {
                    let was_walked = seen.contains(&link.cid, Was::Walked);
                    (!was_walked && seen.insert(&link.cid, Was::Sent)?, true)
                }
            };
            let is_sent = is_sent && !is_identity(&link.cid);
            let is_entered = is_entered && !is_leaf;
            if !is_sent && !is_entered {
                continue;
            }
            let found = if is_leaf && !is_identity(&link.cid) {
                self.leaf(&link.cid, room).await?
            } else {
                self.blocks.fetch(&link.cid).await?
            };
            if is_entered {
                let seen = self.seen.as_ref();
                self.walk.enter(link, &found, |link| is_done(seen, link))?;
                self.charge(self.walk.depth())?;
            }
            if is_sent {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Reads a leaf, together with following ones that fit into `room`.
    async fn leaf(&mut self, cid: &Cid, room: usize) -> Result<Found, Refusal> {
        while let Some(found) = self.leaves.pop_front() {
            if found.cid == *cid {
                return Ok(found);
            }
        }
        let seen = self.seen.as_ref();
        let next = self.walk.next_leaves().filter(|link| !is_done(seen, link));
        let next = next.map(|link| link.cid).collect();
        let (found, leaves) = self.blocks.fetch_with(*cid, next, room).await?;
        self.leaves = leaves;
        Ok(found)
    }

    fn charge(&mut self, count: usize) -> Result<(), Refusal> {
        const EACH: usize = 256;
        if count <= FREE_LEVELS {
            return Ok(());
        }
        self.share.grow_to(count * EACH).map_err(|_| busy())
    }
}

/// Returns whether a link needs no further visit.
fn is_done(seen: Option<&Seen>, link: &Link) -> bool {
    seen.is_some_and(|seen| seen.contains(&link.cid, Was::Walked))
}

impl From<TooMany> for Refusal {
    fn from(_: TooMany) -> Self {
        busy()
    }
}

fn busy() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "there isn't enough memory for this now; use car-dups=y, which needs none",
    )
}
