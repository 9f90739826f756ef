//! Why the command failed, and what to do next.

use std::io;

use w3pin::{Error, ErrorKind};
use w3pin_server::{BackendError, FsckError, ServeError, StoreError, TransferError};

use crate::{exit_code, output::Output};

/// Why the command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A call failed.
    Call(Error),
    /// Some of several calls failed, and each was reported as it did; the first one's exit code.
    Reported(u8),
    /// The local server can't start, or stopped.
    Serve(ServeError),
    /// The backend can't be what it is said to be.
    Backend(BackendError),
    /// An export or import didn't end well.
    Transfer(TransferError),
    /// A data folder couldn't be checked.
    Fsck(FsckError),
    /// The output can't be written.
    Stdout(io::Error),
    /// The person has had enough.
    Interrupted,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Call(error) => exit_code::of(error),
            Self::Reported(code) => *code,
            Self::Serve(ServeError::NotLoopback(_) | ServeError::TooLittleMemory { .. })
            | Self::Backend(_) => exit_code::USAGE,
            Self::Serve(_) | Self::Transfer(_) | Self::Fsck(_) => exit_code::FAILURE,
            // A reader that has seen enough, as `head`, is no failure.
            Self::Stdout(cause) if cause.kind() == io::ErrorKind::BrokenPipe => exit_code::SUCCESS,
            Self::Stdout(_) => exit_code::FAILURE,
            Self::Interrupted => crate::INTERRUPTED,
        }
    }

    pub(crate) fn report(&self, output: &Output) {
        match self {
            Self::Call(error) => report(error, None, output),
            Self::Reported(_) => {}
            Self::Serve(cause) => {
                output.error(&cause.to_string());
                output.hint(serve_hint(cause));
            }
            Self::Backend(cause) => {
                output.error(&cause.to_string());
                output.hint("as --backend kubo=http://127.0.0.1:5001");
            }
            Self::Transfer(cause) => {
                output.error(&cause.to_string());
                output.hint(transfer_hint(cause));
            }
            Self::Fsck(cause) => {
                output.error(&cause.to_string());
                output.hint(fsck_hint(cause));
            }
            Self::Stdout(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {}
            Self::Stdout(cause) => output.error(&format!("the output can't be written: {cause}")),
            Self::Interrupted => output.error("interrupted; whatever was under way was stopped"),
        }
    }
}

/// Says what went wrong with `what`, and what to do.
pub(crate) fn report(error: &Error, what: Option<&str>, output: &Output) {
    match what {
        Some(what) => output.error(&format!("{what}: {error}")),
        None => output.error(&error.to_string()),
    }
    if let Some(excerpt) = error.body_excerpt() {
        let short: String = excerpt.chars().take(200).collect();
        output.note(&format!("the answer began: {short}"));
    }
    output.hint(hint(error));
}

fn hint(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidInput => match error.field() {
            Some("credentials" | "api_key" | "secret_key") => {
                "give both keys by --api-key and --secret-key, by W3PIN_API_KEY and \
                 W3PIN_SECRET_KEY, or once and for all with `w3pin check --save`; \
                 --local needs none"
            }
            Some("endpoint") => {
                "endpoints are https URLs ending in /api/pinning, or one of attoaioz, \
                 w3ipfs-storage, w3ipfs and aiozpin"
            }
            Some("symlinks") => "choose with --symlinks follow or --symlinks skip",
            Some("hidden") => "take hidden files along with --hidden",
            Some("id") => "`w3pin ls` shows the ids",
            Some("path" | "file") => {
                "name another path, or leave this one out; `w3pin add -` pins what a pipe gives"
            }
            Some("config") => "mend the file, or name another by W3PIN_CONFIG",
            _ => "see `w3pin help COMMAND`",
        },
        ErrorKind::Authentication => {
            "`w3pin check` tries the keys; set them by --api-key and --secret-key or W3PIN_API_KEY \
             and W3PIN_SECRET_KEY"
        }
        ErrorKind::PermissionDenied => "use a key that may do this",
        ErrorKind::NotFound => "`w3pin ls --all` shows the pins of this account",
        ErrorKind::AlreadyPinned => "`w3pin ls --all` shows the pin",
        ErrorKind::InsufficientFunds => "top up the account, then run the command again",
        ErrorKind::RateLimited => "wait a minute, then run the command again",
        ErrorKind::Api if error.is_retryable() => "run the command again later",
        ErrorKind::Api => "-v shows the calls",
        ErrorKind::Decode => "check --endpoint: it mostly ends in /api/pinning",
        ErrorKind::Timeout => "run the command again; pins are never made twice",
        ErrorKind::Transport => "check the network and --endpoint, then run the command again",
        ErrorKind::LocalIo => "check the path and whether you may read it",
        ErrorKind::CidMismatch => {
            "don't rely on this pin; `w3pin verify PATH CID` compares the content block by block"
        }
    }
}

fn serve_hint(error: &ServeError) -> &'static str {
    match error {
        ServeError::NotLoopback(_) => "--allow-remote allows it; put a proxy with TLS in front",
        ServeError::Listen { .. } => "choose another address with --listen or --gateway-listen",
        ServeError::TooLittleMemory { .. } => "give it more with --memory",
        ServeError::Store {
            source: StoreError::InUse,
            ..
        } => "a w3pin server has this folder: use it by --endpoint, or choose another by --data",
        ServeError::Store {
            source: StoreError::OtherBackend(_),
            ..
        } => {
            "name the backend it was made with, or move: `w3pin export DIR` with the old one, \
             `w3pin import DIR` with the new one and another --data"
        }
        ServeError::Store {
            source: StoreError::Profile(_),
            ..
        } => "choose another profile with --profile",
        ServeError::Store { source, .. } if is_damage(source) => DAMAGE,
        ServeError::Store {
            source: StoreError::Full,
            ..
        } => "make room on the disk, or move the folder to a larger one",
        _ => "choose another folder with --data",
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// Whether the records aren't as they were written.
fn is_damage(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::RecordsDamaged(_)
            | StoreError::RecordsMissing { .. }
            | StoreError::RecordsOlder { .. }
    )
}

const DAMAGE: &str = "put the latest copy of records.redb back, if you have one; otherwise `w3pin fsck` \
    with this --data says what is lost, and with --repair makes the records anew from the content";

fn fsck_hint(error: &FsckError) -> &'static str {
    match error {
        FsckError::Store {
            source: StoreError::InUse,
            ..
        } => {
            "stop the server that has this folder; a running one reads its blocks by itself (--scrub)"
        }
        FsckError::Store {
            source: StoreError::OtherBackend(_),
            ..
        } => "give the --backend that the data is in",
        FsckError::Store {
            source: StoreError::Full,
            ..
        } => "make room on the disk: the records are written a second time",
        FsckError::NoData { .. } => "give the --data folder of the server",
        _ => "run the command again",
    }
}

impl From<FsckError> for Failure {
    fn from(cause: FsckError) -> Self {
        Self::Fsck(cause)
    }
}

fn transfer_hint(error: &TransferError) -> &'static str {
    match error {
        TransferError::Store {
            source: StoreError::InUse,
            ..
        } => "stop the server that has this folder, then run the command again",
        TransferError::Store {
            source: StoreError::OtherBackend(_),
            ..
        } => "give the --backend that the data is in; an import needs a --data of its own",
        TransferError::Store { source, .. } if is_damage(source) => DAMAGE,
        TransferError::NoData { .. } => "give the --data folder of the server",
        TransferError::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            "give the folder that w3pin export wrote"
        }
        TransferError::Damaged { .. } => "export again",
        _ => "run the command again; what was done stays done",
    }
}

impl From<BackendError> for Failure {
    fn from(cause: BackendError) -> Self {
        Self::Backend(cause)
    }
}

impl From<TransferError> for Failure {
    fn from(cause: TransferError) -> Self {
        Self::Transfer(cause)
    }
}

impl From<ServeError> for Failure {
    fn from(cause: ServeError) -> Self {
        Self::Serve(cause)
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Stdout(cause)
    }
}
