//! Answers that point elsewhere. The HTTP library follows none, since it would take the keys along.

use http::{HeaderValue, Response, header};

/// How often an answer may point elsewhere.
pub(crate) const MOST_REDIRECTS: usize = 5;

/// Where the answer to a `GET` points.
pub(crate) fn location<T>(response: &Response<T>) -> Option<&HeaderValue> {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        .then(|| response.headers().get(header::LOCATION))
        .flatten()
}
