//! Why a call failed, as it crosses.

use std::{fmt, time::Duration};

use w3pin::{Error, ErrorKind};

/// Why a call failed.
#[derive(Debug, uniffi::Error)]
pub enum Failure {
    /// The call failed, and this says how.
    Pinning {
        /// What is known of it.
        details: Box<ErrorDetails>,
    },
    /// The call's token was cancelled.
    Cancelled,
    /// The client was closed before the call or during it.
    Closed,
}

/// What is known of a failed call.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ErrorDetails {
    /// The kind's name in every language, such as `rate_limited`.
    pub kind: String,
    /// The whole text.
    pub text: String,
    /// What was wrong, and what to do.
    pub reason: String,
    /// The argument or setting it is about.
    pub field: Option<String>,
    /// The file or folder it is about.
    pub path: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What the service said.
    pub service_message: Option<String>,
    /// The beginning of the answer's body.
    pub body_excerpt: Option<String>,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
    /// The CID that the content has.
    pub expected_cid: Option<String>,
    /// The CID that the service gave.
    pub returned_cid: Option<String>,
    /// Whether the same call may succeed later.
    pub is_retryable: bool,
}

impl From<Error> for ErrorDetails {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind().as_str().to_owned(),
            text: error.to_string(),
            reason: error.reason().to_owned(),
            field: error.field().map(str::to_owned),
            path: error.path().map(str::to_owned),
            status: error.status(),
            service_message: error.service_message().map(str::to_owned),
            body_excerpt: error.body_excerpt().map(str::to_owned),
            retry_after: error.retry_after(),
            expected_cid: error.expected_cid().map(ToString::to_string),
            returned_cid: error.returned_cid().map(ToString::to_string),
            is_retryable: error.is_retryable(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Pinning {
            details: Box::new(error.into()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinning { details } => f.write_str(&details.text),
            Self::Cancelled => f.write_str("the call was cancelled"),
            Self::Closed => f.write_str("the client is closed"),
        }
    }
}

impl std::error::Error for Failure {}

/// The names of all kinds of error, in the contract's order.
#[uniffi::export]
pub fn error_kinds() -> Vec<String> {
    ErrorKind::ALL.map(|kind| kind.as_str().to_owned()).into()
}

/// A listener or a source of the app failed.
#[derive(Debug, uniffi::Error)]
pub enum ForeignFailure {
    /// What it threw.
    Thrown {
        /// Its text.
        reason: String,
    },
}

impl fmt::Display for ForeignFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Thrown { reason } = self;
        f.write_str(reason)
    }
}

impl std::error::Error for ForeignFailure {}

impl From<uniffi::UnexpectedUniFFICallbackError> for ForeignFailure {
    fn from(unexpected: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Thrown {
            reason: unexpected.reason,
        }
    }
}
