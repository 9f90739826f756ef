use http::StatusCode;
use thiserror::Error;

/// Why the node that keeps the content didn't do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RpcError {
    /// It can't be reached, or the connection broke.
    #[error("the node at {node} can't be reached: {reason}")]
    Unreachable {
        /// Where it should be.
        node: String,
        /// What the connection said.
        reason: String,
    },
    /// It took too long.
    #[error("the node didn't answer {call} in time")]
    Timeout {
        /// The call.
        call: &'static str,
    },
    /// It refused, or failed at it.
    #[error("the node failed at {call}: {message}")]
    Failed {
        /// The call.
        call: &'static str,
        /// The status of its answer.
        status: u16,
        /// What it said.
        message: String,
    },
    /// Its answer can't be read.
    #[error("the node's answer to {call} can't be read")]
    Unreadable {
        /// The call.
        call: &'static str,
    },
    /// It made other blocks of an upload than the profile says.
    #[error(
        "the node made {answered} of what is {expected} under this profile; its Import settings \
         differ from the profile's"
    )]
    OtherCid {
        /// The CID that the server computed.
        expected: String,
        /// The CID that the node answered.
        answered: String,
    },
}

impl RpcError {
    /// Whether the same call may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            // A node that is stopped gives up what it was doing.
            Self::Failed {
                status, message, ..
            } => matches!(status, 429 | 502..=504) || message.contains("context canceled"),
            Self::Unreadable { .. } | Self::OtherCid { .. } => false,
        }
    }

    /// The status by which the server's own client learns of it.
    pub(crate) fn status(&self) -> StatusCode {
        if self.is_passing() {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::BAD_GATEWAY
        }
    }
}
