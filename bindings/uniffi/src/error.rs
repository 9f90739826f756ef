//! Why a call failed, as it crosses.

use std::fmt;

use w3pin::{Error, ErrorKind};

use crate::number::nanoseconds;

/// Why a call failed.
#[derive(Debug, uniffi::Error)]
pub enum Failure {
    /// The call failed, and this says how.
    Pinning {
        /// What is known of it.
        details: Box<ErrorRecord>,
    },
    /// The call's token was cancelled.
    Cancelled,
    /// The client was closed before the call or during it.
    Closed,
    /// The retriever was.
    RetrieverClosed,
}

/// What is known of a failed call.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ErrorRecord {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The whole text.
    pub text: String,
    /// What was wrong, and what to do.
    pub reason: String,
    /// The argument or setting at fault.
    pub field: Option<String>,
    /// The file or folder at fault.
    pub path: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What the service said.
    pub service_message: Option<String>,
    /// The beginning of the response's body.
    pub body_excerpt: Option<String>,
    /// How long the service asks to wait, in nanoseconds.
    pub retry_after: Option<i64>,
    /// The CID that the content has.
    pub expected_cid: Option<String>,
    /// The CID that the service gave.
    pub returned_cid: Option<String>,
    /// Whether the same call may succeed later.
    pub is_retryable: bool,
    /// Whether the service may have acted.
    pub is_outcome_unknown: bool,
}

impl From<Error> for ErrorRecord {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind(),
            text: error.to_string(),
            reason: error.reason().to_owned(),
            field: error.field().map(str::to_owned),
            path: error.path().map(str::to_owned),
            status: error.status(),
            service_message: error.service_message().map(str::to_owned),
            body_excerpt: error.body_excerpt().map(str::to_owned),
            retry_after: error.retry_after().map(nanoseconds),
            expected_cid: error.expected_cid().map(ToString::to_string),
            returned_cid: error.returned_cid().map(ToString::to_string),
            is_retryable: error.is_retryable(),
            is_outcome_unknown: error.is_outcome_unknown(),
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
            Self::RetrieverClosed => f.write_str("the retriever is closed"),
        }
    }
}

impl std::error::Error for Failure {}
