use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use w3pin_unixfs::Cid;

use super::{
    CACHE_CONTROL,
    accept::MediaRange,
    format::{Format, Negotiated},
    query::GatewayQuery,
};
use crate::envelope::Refusal;

/// Characters that aren't percent-encoded in a URL path.
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const X_IPFS_PATH: HeaderName = HeaderName::from_static("x-ipfs-path");
const IPFS_URI: HeaderName = HeaderName::from_static("ipfs-uri");
/// Longer paths aren't repeated in responses.
const LONGEST_PATH: usize = 4 << 10;

/// A parsed gateway request.
pub(super) struct GatewayRequest {
    pub(super) root: Cid,
    pub(super) path: Vec<String>,
    /// The path as it was sent, without a trailing slash.
    pub(super) location: String,
    pub(super) last_slash: bool,
    pub(super) format: Format,
    /// The parameters that the query lacks to request this format.
    as_query: Option<String>,
    pub(super) query: GatewayQuery,
    /// The query as it was sent, with its question mark.
    pub(super) query_text: String,
    pub(super) headers: HeaderMap,
}

impl GatewayRequest {
    pub(super) fn parse<B>(request: &Request<B>) -> Result<Self, Refusal> {
        let (uri, headers) = (request.uri(), request.headers());
        let sent = uri.path().strip_prefix("/ipfs/").unwrap_or_default();
        let mut segments = sent
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                let segment = percent_decode_str(segment).decode_utf8();
                segment.map_err(|_| Refusal::bad_request("the path isn't UTF-8"))
            });
        let root = segments.next().transpose()?.unwrap_or_default();
        let root: w3pin_core::Cid = root
            .parse()
            .map_err(|cause| Refusal::bad_request(format!("invalid cid: {cause}")))?;
        let path = segments.map(|segment| Ok(segment?.into_owned()));
        let path = path.collect::<Result<_, Refusal>>()?;
        let query = GatewayQuery::parse(uri)?;
        let Negotiated { format, as_query } = Format::negotiate(&query, &MediaRange::all(headers))?;
        Ok(Self {
            root: *root.as_cid(),
            path,
            location: uri.path().trim_end_matches('/').to_owned(),
            last_slash: uri.path().ends_with('/'),
            format,
            as_query,
            query,
            query_text: uri
                .query()
                .map_or_else(String::new, |query| format!("?{query}")),
            headers: headers.clone(),
        })
    }

    /// Returns the name that determines the type of a file.
    pub(super) fn name(&self) -> &str {
        let given = self.query.filename.as_deref();
        given.unwrap_or_else(|| self.path.last().map_or("", String::as_str))
    }

    /// Returns a 304 response if the client has one of these ETags. The first is that of the
    /// current response.
    pub(super) fn not_modified(&self, etags: &[&HeaderValue]) -> Option<Response> {
        let known = self.headers.get_all(header::IF_NONE_MATCH).iter();
        let mut known = known
            .filter_map(|known| known.to_str().ok())
            .flat_map(|known| known.split(','))
            .map(|tag| without_weakness(tag.trim()));
        let is_known = known.any(|tag| {
            let mut etags = etags.iter().filter_map(|etag| etag.to_str().ok());
            tag == "*" || etags.any(|etag| tag == without_weakness(etag))
        });
        if !is_known {
            return None;
        }
        let headers = [
            (header::ETAG, (*etags.first()?).clone()),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static(CACHE_CONTROL),
            ),
        ];
        Some((StatusCode::NOT_MODIFIED, headers).into_response())
    }

    /// Returns whether the client asked for `only-if-cached`. Nothing is ever fetched, but a miss
    /// then has a different status.
    pub(super) fn is_only_if_cached(&self) -> bool {
        let values = self.headers.get_all(header::CACHE_CONTROL).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|directive| directive.trim().eq_ignore_ascii_case("only-if-cached"))
    }

    /// Sets headers that describe the request.
    pub(super) fn describe(&self, headers: &mut HeaderMap) {
        if self.location.len() > LONGEST_PATH {
            return;
        }
        let slash = if self.last_slash { "/" } else { "" };
        let mut path = format!("/ipfs/{}", self.root);
        let mut uri = format!(
            "ipfs://{}",
            Cid::new_v1(self.root.codec(), *self.root.hash())
        );
        for segment in &self.path {
            path.extend(["/", segment]);
            uri.push('/');
            uri.extend(utf8_percent_encode(segment, SEGMENT));
        }
        // Only ASCII paths are valid in a header.
        let is_plain = path.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        for (name, value, is_fit) in [(X_IPFS_PATH, path, is_plain), (IPFS_URI, uri, true)] {
            if let (true, Ok(value)) = (is_fit, HeaderValue::try_from(value + slash)) {
                headers.insert(name, value);
            }
        }
    }

    /// Returns the URL of the same content without `Accept`.
    pub(super) fn content_location(&self) -> Option<HeaderValue> {
        let added = self.as_query.as_deref()?;
        let slash = if self.last_slash { "/" } else { "" };
        let (location, query) = (&self.location, &self.query_text);
        let separator = match &query[..] {
            "" => "?",
            "?" => "",
            _ => "&",
        };
        let value = format!("{location}{slash}{query}{separator}{added}");
        HeaderValue::try_from(value).ok()
    }
}

fn without_weakness(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
