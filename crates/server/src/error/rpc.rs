use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use w3pin_core::printable;

/// The maximum length, in characters, of a node's message to keep.
const LONGEST_TEXT: usize = 500;

/// An error of the node that stores the content.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RpcError {
    /// The node can't be reached, or the connection broke.
    #[error("the node at {node} can't be reached: {reason}")]
    Unreachable {
        /// The URL of the node.
        node: String,
        /// The error of the connection.
        reason: String,
    },
    /// The node took too long.
    #[error("the node didn't respond to {call} in time")]
    Timeout {
        /// The call.
        call: &'static str,
    },
    /// The node refused the call or failed.
    #[error("the node failed {call}: {message}")]
    Failed {
        /// The call.
        call: &'static str,
        /// The status of the response.
        status: u16,
        /// The node's message.
        message: String,
    },
    /// The response can't be parsed.
    #[error("the node's response to {call} can't be parsed")]
    Unreadable {
        /// The call.
        call: &'static str,
    },
    /// The node imported an upload with settings other than the profile's.
    #[error(
        "the node returned the CID {answered} instead of {expected}; its Import settings \
         differ from the profile's"
    )]
    OtherCid {
        /// The CID that the server computed.
        expected: String,
        /// The CID that the node returned.
        answered: String,
    },
}

impl RpcError {
    /// Returns whether the same call may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            // A node that is being stopped cancels its work.
            Self::Failed {
                status, message, ..
            } => matches!(status, 429 | 502..=504) || message.contains("context canceled"),
            Self::Unreadable { .. } | Self::OtherCid { .. } => false,
        }
    }

    /// Returns the status with which the server reports it to its own client.
    pub(crate) fn status(&self) -> StatusCode {
        if self.is_passing() {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::BAD_GATEWAY
        }
    }
}

/// Extracts the message from the body of a failure. Kubo and IPFS Cluster spell the field's first
/// letter differently.
pub(crate) fn message(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Failure {
        #[serde(alias = "Message")]
        message: String,
    }
    match serde_json::from_slice::<Failure>(body) {
        Ok(failure) => excerpt(&failure.message),
        Err(_) => excerpt(&String::from_utf8_lossy(body)),
    }
}

/// Returns the beginning of a node's message, made safe for logs and clients.
pub(crate) fn excerpt(text: &str) -> String {
    printable(text.trim()).chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn failures_are_read_whoever_writes_them() {
        let cases: [(&[u8], &str); 5] = [
            (
                br#"{"Message":"not pinned","Code":0,"Type":"error"}"#,
                "not pinned",
            ),
            (br#"{"code":404,"message":"not found"}"#, "not found"),
            (b"403 - Forbidden\n", "403 - Forbidden"),
            // Nothing that could forge log lines or control a terminal.
            (
                br#"{"Message":"no\nERROR forged \u001b[31m\u202e"}"#,
                "no ERROR forged \u{fffd}[31m\u{fffd}",
            ),
            (b"no\r\nERROR forged\x1b[2J", "no  ERROR forged\u{fffd}[2J"),
        ];
        for (body, expected) in cases {
            assert_eq!(message(body), expected);
        }
    }
}
