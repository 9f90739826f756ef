//! Reports why the command failed, and what to do next.

use std::{borrow::Cow, fmt, io};

use clap::CommandFactory;
use w3pin::{Cid, Error, ErrorKind, IpfsPath};
use w3pin_server::{BackendError, FsckError, ServeError, StoreError, TransferError};

use crate::{args::Args, exit_code, output::Output, report::ErrorDocument, signal::Signal};

mod car;
mod reading;

/// Why the command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A call failed, and its subject.
    Call(Error, Option<String>),
    /// Content couldn't be read back.
    Reading(Error, String),
    /// A CAR file couldn't be packed or read.
    Car(Error, String),
    /// Some of several calls failed and were reported; contains the exit code.
    Reported(u8),
    /// The local server can't start, or has stopped.
    Serve(ServeError),
    /// The backend is invalid.
    Backend(BackendError),
    /// An export or import failed.
    Transfer(TransferError),
    /// A data folder couldn't be checked.
    Fsck(FsckError),
    /// The operating system refused something that every command needs.
    System(io::Error),
    /// The output can't be written, which ended the command.
    CutOff,
    /// A signal ended the command; contains what remains of its work.
    Stopped(Signal, &'static str),
}

impl Failure {
    /// Returns the failure of a call about `what`.
    pub(crate) fn of(error: Error, what: &str) -> Self {
        Self::Call(error, Some(what.to_owned()))
    }

    /// Returns the failure to read this content back.
    pub(crate) fn reading(error: Error, path: &IpfsPath) -> Self {
        Self::Reading(error, path.to_string())
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Call(error, _) | Self::Reading(error, _) => exit_code::of(error),
            Self::Car(error, _) => car::exit_code(error),
            Self::Reported(code) => *code,
            Self::Serve(
                ServeError::NotLoopback(_)
                | ServeError::TooLittleMemory { .. }
                | ServeError::SourceOfNode { .. },
            )
            | Self::Backend(_) => exit_code::USAGE,
            Self::Serve(_) | Self::Transfer(_) | Self::Fsck(_) | Self::System(_) => {
                exit_code::FAILURE
            }
            Self::CutOff => exit_code::OUTPUT,
            Self::Stopped(Signal::Interrupt, _) => exit_code::INTERRUPTED,
            Self::Stopped(Signal::Terminate, _) => exit_code::TERMINATED,
        }
    }

    pub(crate) fn report(&self, output: &Output) {
        match self {
            Self::Call(error, what) => {
                let what = what.as_deref();
                report(error, what, output);
                if output.is_json() {
                    output.document(&ErrorDocument::new(error, what));
                }
            }
            Self::Reading(error, path) => reading::report(error, path, output),
            Self::Car(error, file) => car::report(error, file, output),
            Self::Reported(_) | Self::CutOff => {}
            Self::Serve(cause) => self.tell(cause, Some(serve_hint(cause)), output),
            Self::Backend(cause) => self.tell(cause, Some(backend_hint(cause)), output),
            Self::Transfer(cause) => self.tell(cause, Some(transfer_hint(cause)), output),
            Self::Fsck(cause) => self.tell(cause, Some(fsck_hint(cause)), output),
            Self::System(cause) => self.tell(cause, None, output),
            // A second document would corrupt results that were printed already.
            Self::Stopped(signal, rest) => {
                output.error(&format!("{}{rest}", signal.what_happened()));
            }
        }
    }
}

impl Failure {
    /// Reports a failure on this machine.
    fn tell(&self, cause: &dyn fmt::Display, hint: Option<&str>, output: &Output) {
        let reason = cause.to_string();
        output.error(&reason);
        if let Some(hint) = hint {
            output.hint(hint);
        }
        if output.is_json() {
            let kind = match self.exit_code() {
                exit_code::USAGE => ErrorKind::InvalidInput,
                _ => ErrorKind::LocalIo,
            };
            output.document(&ErrorDocument::new(&Error::new(kind, reason), None));
        }
    }
}

/// Reports an error about `what`, and what to do next.
pub(crate) fn report(error: &Error, what: Option<&str>, output: &Output) {
    let mut text = error.to_string();
    if let Some(what) = what {
        // The path is omitted if it is the subject of the call.
        if error.path() == Some(what) {
            text = text.replacen(&format!(": {what}"), "", 1);
        }
        text = format!("{what}: {text}");
    }
    output.error(&text);
    if let Some(excerpt) = error.body_excerpt() {
        let short: String = excerpt.chars().take(200).collect();
        output.note(&format!("the response began: {short}"));
    }
    match what {
        Some(what) if error.kind() == ErrorKind::NotFound && what.parse::<Cid>().is_ok() => {
            output.hint("this is a CID, not a pin's id; `w3pin ls --all` shows the ids");
        }
        // After a failed proof, repeating it doesn't help.
        None if error.kind() == ErrorKind::CidMismatch => output.hint(
            "compare what was pinned, with the options that chose its files, or pin this content with \
             `w3pin add`",
        ),
        _ => output.hint(&hint(error, output.command())),
    }
}

fn hint(error: &Error, command: &str) -> Cow<'static, str> {
    if error.is_outcome_unknown() {
        return "`w3pin ls` shows whether the pin was made".into();
    }
    if error.kind() == ErrorKind::InvalidInput
        && let Some(option) = error.field().and_then(option)
    {
        return format!("see {option} in `w3pin help {command}`").into();
    }
    let hint = match error.kind() {
        ErrorKind::InvalidInput => match error.field() {
            Some("credentials" | "api_key" | "secret_key") => {
                "`w3pin check --save` asks for the credentials on a terminal, and saves them; --local \
                 needs none"
            }
            Some("token") => {
                "`w3pin check --save` with --api and --endpoint asks for the token on a terminal, and saves it"
            }
            Some("api") => {
                "--api w3ipfs uploads; --api pinning-service pins by CID, with `w3pin add-cid`"
            }
            Some("endpoint") => {
                "endpoints are https URLs ending in /api/pinning, or one of attoaioz, \
                 w3ipfs-storage, w3ipfs and aiozpin; with --api pinning-service, the URL before /pins"
            }
            Some("insecure_http") => "on a network that you trust, --insecure-http allows it",
            Some("symlinks") => "choose with --symlinks follow or --symlinks skip",
            Some("hidden") => "--hidden includes hidden files",
            Some("id") => "`w3pin ls` shows the ids",
            Some("cid") => {
                "`w3pin ls` shows the CIDs of pins, and `w3pin cid` computes those of files"
            }
            Some("stream") => "check the command before the pipe",
            Some("root_certificates") => "--cacert names a file of certificates in PEM",
            Some("path" | "file") => {
                "give another path, or leave this one out with --exclude; `w3pin add -` pins the output of a \
                 pipe"
            }
            Some("config") => "fix the file, or choose another with --config or W3PIN_CONFIG",
            _ => return format!("see `w3pin help {command}`").into(),
        },
        ErrorKind::Authentication => {
            "set W3PIN_API_KEY and W3PIN_SECRET_KEY, or W3PIN_TOKEN, or save them with `w3pin check --save`; \
             `w3pin check` tests them"
        }
        ErrorKind::PermissionDenied => "use keys that are allowed to do this",
        ErrorKind::NotFound => "`w3pin ls --all` shows the pins of this account",
        ErrorKind::AlreadyPinned => "`w3pin ls --all` shows the pin",
        ErrorKind::InsufficientFunds => "top up the account, then run the command again",
        ErrorKind::RateLimited => "wait a minute, then run the command again",
        ErrorKind::Api if error.is_retryable() => "run the command again later",
        ErrorKind::Api => "-v shows the requests",
        // Responses of the service have no path.
        ErrorKind::Decode if error.path().is_some() => {
            "`w3pin car verify` says all that is wrong with a CAR"
        }
        ErrorKind::Decode => "check --endpoint, which usually ends in /api/pinning",
        ErrorKind::Timeout => "run the command again, or give it more time",
        ErrorKind::Transport => "-v shows each attempt; --proxy, --cacert and --retries may help",
        ErrorKind::LocalIo => "check that the path exists and that you may read it",
        ErrorKind::CidMismatch => {
            "don't rely on this pin; `w3pin verify PATH CID` compares the content block by block"
        }
    };
    hint.into()
}

/// Returns the option that sets a field, for errors without a hint of their own.
fn option(field: &str) -> Option<String> {
    let own = [
        "api_key",
        "secret_key",
        "token",
        "api",
        "endpoint",
        "insecure_http",
        "symlinks",
        "hidden",
        "config",
    ];
    if own.contains(&field) {
        return None;
    }
    let command = Args::command();
    let option = find_option(&command, field)?;
    Some(format!("--{}", option.get_long()?))
}

/// Finds the option of a field, which may be an element such as `gateways[1]`, in a command or its
/// subcommands.
fn find_option<'a>(command: &'a clap::Command, field: &str) -> Option<&'a clap::Arg> {
    let name = field.split('[').next().unwrap_or(field);
    let is_of = |id: &str| id == name || name.strip_suffix('s') == Some(id);
    let mut options = command.get_arguments();
    let own = options.find(|option| is_of(option.get_id().as_str()));
    own.or_else(|| {
        command
            .get_subcommands()
            .find_map(|command| find_option(command, field))
    })
}

fn backend_hint(error: &BackendError) -> &'static str {
    match error {
        BackendError::NotACluster => {
            "leave out --ipfs and --replication, or use --backend cluster=http://127.0.0.1:9094"
        }
        _ => "use --backend embedded, or name a node as in --backend kubo=http://127.0.0.1:5001",
    }
}

fn serve_hint(error: &ServeError) -> &'static str {
    match error {
        ServeError::NotLoopback(_) => "--allow-remote allows it; put a proxy with TLS in front",
        ServeError::Listen { .. } => "choose another address with --listen or --gateway-listen",
        ServeError::TooLittleMemory { .. } => "give it more memory with --memory",
        ServeError::SourceOfNode { .. } => "leave out --retrieve-from, or --backend",
        ServeError::Store {
            source: StoreError::InUse,
            ..
        } => {
            "a w3pin server uses this folder: use that server with --endpoint, choose another folder with --data, or wait \
             longer with --lock-timeout"
        }
        ServeError::Store {
            source: StoreError::OtherBackend(_),
            ..
        } => {
            "use the backend it was created with, or move: `w3pin export DIR` with the old one, \
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
        } => "free some disk space, or move the folder to a larger disk",
        _ => "choose another folder with --data",
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error, None)
    }
}

/// Returns whether the records are corrupt.
fn is_damage(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::RecordsDamaged(_)
            | StoreError::RecordsMissing { .. }
            | StoreError::RecordsOlder { .. }
    )
}

const DAMAGE: &str = "restore the latest copy of records.redb, if you have one; otherwise `w3pin fsck` \
    with this --data says what is lost, and with --repair rebuilds the records from the content";

fn fsck_hint(error: &FsckError) -> &'static str {
    match error {
        FsckError::Store {
            source: StoreError::InUse,
            ..
        } => {
            "stop the server that uses this folder; a running one reads its blocks by itself (--scrub)"
        }
        FsckError::Store {
            source: StoreError::OtherBackend(_),
            ..
        } => "choose the --backend that the data is in",
        FsckError::Store {
            source: StoreError::Full,
            ..
        } => "free some disk space; the records are written a second time",
        FsckError::NoData { .. } => "choose the server's folder with --data",
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
        } => "stop the server that uses this folder, then run the command again",
        TransferError::Store {
            source: StoreError::OtherBackend(_),
            ..
        } => "choose the --backend that the data is in; an import needs its own --data",
        TransferError::Store { source, .. } if is_damage(source) => DAMAGE,
        TransferError::NoData { .. } => "choose the server's folder with --data",
        TransferError::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            "choose the folder that w3pin export wrote"
        }
        TransferError::Damaged { .. } => "export again",
        _ => "run the command again; it resumes where it stopped",
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
        Self::System(cause)
    }
}
