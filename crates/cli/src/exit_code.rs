//! What the command's end tells a script.

use w3pin::{Error, ErrorKind};

pub(crate) const SUCCESS: u8 = 0;
pub(crate) const FAILURE: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const CREDENTIALS: u8 = 3;
pub(crate) const NOT_FOUND: u8 = 4;
pub(crate) const CID_MISMATCH: u8 = 5;
pub(crate) const DAMAGED: u8 = 6;
pub(crate) const INTERRUPTED: u8 = 130;

/// The table for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    success
  1    failure
  2    usage: an argument or a setting can't be used
  3    credentials are missing or not accepted
  4    not found
  5    CID mismatch: what is pinned isn't what was sent
  6    damage: fsck found some that it hasn't mended, or an export left something out
  130  interrupted";

pub(crate) fn of(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Authentication | ErrorKind::PermissionDenied => CREDENTIALS,
        ErrorKind::InvalidInput => match error.field() {
            Some("credentials" | "api_key" | "secret_key") => CREDENTIALS,
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
