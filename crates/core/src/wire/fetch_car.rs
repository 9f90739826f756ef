//! `GET <gateway>/ipfs/<cid>/<path>?format=car`

use std::ops::Range;

use http::{HeaderMap, HeaderValue, Request, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Gateway, IpfsPath, Result, values::endpoint::uri};

/// A request for a CAR with the blocks of a walk, according to the Trustless Gateway specification:
/// <https://specs.ipfs.tech/http-gateways/trustless-gateway/>.
#[derive(Clone, Debug)]
pub(crate) struct FetchCar {
    pub(crate) path: IpfsPath,
    pub(crate) scope: Scope,
    /// Whether repeated blocks are included each time.
    pub(crate) duplicates: bool,
}

/// How much of the content at the end of the path to include.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The first block.
    Block,
    /// A whole file, or the blocks with the entries of a folder.
    Entity,
    /// These bytes of a file, to its end if that isn't known.
    Bytes(u64, Option<u64>),
    /// Everything below.
    All,
}

const CAR: &str = "application/vnd.ipld.car";
/// Characters that a path segment can contain unencoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Scope {
    pub(crate) fn of(range: &Range<u64>) -> Self {
        match (range.start, range.end) {
            (0, u64::MAX) => Self::Entity,
            (from, u64::MAX) => Self::Bytes(from, None),
            (from, to) => Self::Bytes(from, Some(to)),
        }
    }
}

impl FetchCar {
    /// Returns the request, which has no credentials.
    pub(crate) fn prepare(&self, gateway: &Gateway) -> Result<Request<()>> {
        let mut target = format!("{gateway}/ipfs/{}", self.path.root().as_cid());
        for segment in self.path.segments() {
            target.push('/');
            target.extend(utf8_percent_encode(segment, SEGMENT));
        }
        let dups = if self.duplicates { 'y' } else { 'n' };
        target.push_str(&format!(
            "?format=car&car-version=1&car-order=dfs&car-dups={dups}&dag-scope="
        ));
        match self.scope {
            Scope::Block => target.push_str("block"),
            Scope::Entity => target.push_str("entity"),
            Scope::All => target.push_str("all"),
            // The end is inclusive in this notation.
            Scope::Bytes(from, to) => {
                let last = to.map_or_else(|| "*".to_owned(), |to| to.saturating_sub(1).to_string());
                target.push_str(&format!("entity&entity-bytes={from}:{last}"));
            }
        }
        let mut request = Request::new(());
        *request.uri_mut() = uri(target)?;
        let accept = if self.duplicates {
            "application/vnd.ipld.car; version=1; order=dfs; dups=y"
        } else {
            "application/vnd.ipld.car; version=1; order=dfs; dups=n"
        };
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        Ok(request)
    }
}

/// Returns whether a response is a CAR that can be streamed, and whether it says that its blocks
/// are in the order of a walk.
pub(crate) fn is_car(headers: &HeaderMap) -> Option<bool> {
    let encoded = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity");
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = kind.split(';').map(str::trim);
    if encoded || !parts.next()?.eq_ignore_ascii_case(CAR) {
        return None;
    }
    Some(parts.any(|part| part.eq_ignore_ascii_case("order=dfs")))
}
