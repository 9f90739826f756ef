//! `GET <gateway>/ipfs/<cid>/<path>?format=car`

use std::ops::Range;

use http::{HeaderMap, HeaderValue, Request, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Gateway, IpfsPath, Result, values::endpoint::uri};

/// A stream of blocks in the order of a walk, as the Trustless Gateway specification has it:
/// <https://specs.ipfs.tech/http-gateways/trustless-gateway/>.
#[derive(Clone, Debug)]
pub(crate) struct FetchCar {
    pub(crate) path: IpfsPath,
    pub(crate) scope: Scope,
    /// Whether a block comes as often as the walk meets it, or once.
    pub(crate) duplicates: bool,
}

/// How much of what lies at the end of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Its first block.
    Block,
    /// All of a file, or the blocks that hold the entries of a folder.
    Entity,
    /// These bytes of a file, up to its end where that isn't known.
    Bytes(u64, Option<u64>),
    /// All that lies below.
    All,
}

const CAR: &str = "application/vnd.ipld.car";
/// What a path segment may hold as it is.
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
    /// The request, with no credentials in it.
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
            // The last byte counts in this notation.
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

/// Whether a response holds a CAR that can be read as it comes, and whether it says that its blocks are
/// in the order of a walk.
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
