//! The documented JSON envelope of all responses, and the type of all refusals.

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::StoreError;

/// Returns `{"data": …, "status": "success"}`.
pub(crate) fn success(status: StatusCode, data: impl Serialize) -> Response {
    #[derive(Serialize)]
    struct Success<T> {
        data: T,
        status: &'static str,
    }
    json(
        status,
        &Success {
            data,
            status: "success",
        },
    )
}

/// A response other than a success: `{"status": "fail" or "error", "message": …}`.
///
/// It is also stored in the response's extensions, for APIs that have another format for it.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after: None,
        }
    }

    /// Sets `Retry-After`.
    pub(crate) fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    pub(crate) fn timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "the request body stopped arriving, or arrived too slowly",
        )
    }

    /// Replaces the refusal for a client that asked for `only-if-cached`.
    pub(crate) fn unless_cached(mut self) -> Self {
        if self.status == StatusCode::NOT_FOUND {
            self.status = StatusCode::PRECONDITION_FAILED;
        }
        self
    }

    /// An internal error. The details are logged and not sent to the client.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal server error")
    }
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Returns the response with this body.
    pub(crate) fn into_response_of(self, body: &impl Serialize) -> Response {
        let mut response = json(self.status, body);
        if let Some(time) = self.retry_after {
            // Rounded up to whole seconds.
            let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = if self.status.is_server_error() {
            "error"
        } else {
            "fail"
        };
        let failure = serde_json::json!({ "status": status, "message": self.message });
        self.into_response_of(&failure)
    }
}

/// Returns a JSON response.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => {
            let mut response = json_body(text.into());
            *response.status_mut() = status;
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Returns a response whose body is JSON already, or being written.
pub(crate) fn json_body(body: Body) -> Response {
    let content_type = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

impl From<StoreError> for Refusal {
    fn from(cause: StoreError) -> Self {
        let status = match cause {
            StoreError::NotFound => StatusCode::NOT_FOUND,
            StoreError::AlreadyPinned | StoreError::PinnedTooOften => StatusCode::CONFLICT,
            StoreError::Full => {
                tracing::error!("refused a request: no space left");
                StatusCode::INSUFFICIENT_STORAGE
            }
            // Damage was logged where it was found.
            StoreError::DamagedBlock { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            StoreError::Node(ref cause) => {
                tracing::error!(%cause, "the node failed");
                cause.status()
            }
            cause => return Self::internal(&cause),
        };
        Self::new(status, cause.to_string())
    }
}
