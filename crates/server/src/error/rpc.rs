use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use w3pin_core::printable;

/// The most characters that are kept of what a node says.
const LONGEST_TEXT: usize = 500;

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

/// What the body of a failure says: Kubo and IPFS Cluster differ in the first letter of the field.
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

/// The beginning of what a node says, safe to log and to pass on.
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
            // Nothing that forges lines of a log or steers a terminal.
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
