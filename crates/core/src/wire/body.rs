//! Request bodies.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use crate::Multipart;

/// A request body. Transports match on it exhaustively.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Bytes),
    /// Files, to be read from the caller's sources.
    Multipart(Multipart),
}

impl RequestBody {
    /// Returns the length in bytes; `None` if it isn't known in advance, so that the body must be
    /// sent chunked.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Json(json) => Some(json.len() as u64),
            Self::Multipart(plan) => plan.content_length(),
        }
    }

    pub(crate) fn describe(&self, headers: &mut HeaderMap) {
        let content_type = match self {
            Self::Empty => return,
            Self::Json(_) => HeaderValue::from_static("application/json"),
            Self::Multipart(plan) => plan.content_type(),
        };
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(length) = self.content_length() {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
    }
}

/// The body of a request without one.
#[derive(Clone, Copy, Debug)]
pub struct NoBody;

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Json(pub(crate) Bytes);

impl From<NoBody> for RequestBody {
    fn from(_: NoBody) -> Self {
        Self::Empty
    }
}

impl From<Json> for RequestBody {
    fn from(Json(json): Json) -> Self {
        Self::Json(json)
    }
}

impl From<Multipart> for RequestBody {
    fn from(plan: Multipart) -> Self {
        Self::Multipart(plan)
    }
}
