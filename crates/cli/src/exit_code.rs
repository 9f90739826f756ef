//! The exit codes.

use w3pin::{Error, ErrorKind};

pub(crate) const SUCCESS: u8 = 0;
pub(crate) const FAILURE: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const CREDENTIALS: u8 = 3;
pub(crate) const NOT_FOUND: u8 = 4;
pub(crate) const CID_MISMATCH: u8 = 5;
pub(crate) const DAMAGED: u8 = 6;
pub(crate) const OUTPUT: u8 = 7;
pub(crate) const INTERRUPTED: u8 = 130;
pub(crate) const TERMINATED: u8 = 143;

pub(crate) fn of(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Authentication | ErrorKind::PermissionDenied => CREDENTIALS,
        ErrorKind::InvalidInput => match error.field() {
            Some("credentials" | "api_key" | "secret_key" | "token") => CREDENTIALS,
            _ => USAGE,
        },
        ErrorKind::NotFound => NOT_FOUND,
        ErrorKind::CidMismatch => CID_MISMATCH,
        ErrorKind::AlreadyPinned
        | ErrorKind::InsufficientFunds
        | ErrorKind::RateLimited
        | ErrorKind::Api
        | ErrorKind::Decode
        | ErrorKind::Timeout
        | ErrorKind::Transport
        | ErrorKind::LocalIo => FAILURE,
    }
}

/// Returns the exit code of several results: a mismatch takes precedence, then the first failure.
pub(crate) fn worst(so_far: u8, next: u8) -> u8 {
    match (so_far, next) {
        (_, CID_MISMATCH) | (CID_MISMATCH, _) => CID_MISMATCH,
        (SUCCESS, next) => next,
        (so_far, _) => so_far,
    }
}
