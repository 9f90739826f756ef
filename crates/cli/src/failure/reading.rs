//! Reports failures to read content back, and what to do next.

use std::{borrow::Cow, error::Error as _, io};

use w3pin::{Error, ErrorKind};

use super::option;
use crate::{output::Output, report::ErrorDocument};

/// Reports an error, and what to do next.
pub(super) fn report(error: &Error, path: &str, output: &Output) {
    let mut text = error.to_string();
    if !text.contains(path) {
        text = format!("{path}: {text}");
    }
    output.error(&text);
    output.hint(&hint(error, output.command()));
    if output.is_json() {
        output.document(&ErrorDocument::new(error, Some(path)));
    }
}

fn hint(error: &Error, command: &str) -> Cow<'static, str> {
    let hint = match (error.kind(), error.field()) {
        (_, Some("symlinks")) => {
            "--symlinks skip leaves links out; --symlinks all makes them, if you trust the content"
        }
        (_, Some("overwrite")) => "--overwrite replaces files that have other content",
        (ErrorKind::InvalidInput, Some("path")) => {
            "`w3pin tree` lists what is in a folder, and `w3pin fetch` writes it to disk"
        }
        (ErrorKind::InvalidInput, Some("start" | "end" | "range")) => {
            "see --range in `w3pin help cat`"
        }
        (ErrorKind::InvalidInput, field) => {
            let option = field.and_then(option);
            let see = option.map_or_else(String::new, |option| format!("{option} in "));
            return format!("see {see}`w3pin help {command}`").into();
        }
        (ErrorKind::NotFound, Some("path")) => "`w3pin tree CID` lists what is there",
        (ErrorKind::RateLimited, _) => {
            "run the command again in a minute, or name other gateways with --gateway"
        }
        (ErrorKind::Timeout | ErrorKind::Transport, _) => {
            "run the command again, or name other gateways with --gateway; -v shows each attempt"
        }
        (ErrorKind::LocalIo, _) if is_full(error) => {
            "free some space, then run the same command again; it resumes from there"
        }
        (ErrorKind::LocalIo, _) => "give another DESTINATION, or move away what is there",
        _ => "name other gateways with --gateway; -v shows the requests",
    };
    hint.into()
}

/// Returns whether the error means that there is no space left.
pub(super) fn is_full(error: &Error) -> bool {
    let cause = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    let full = [
        io::ErrorKind::StorageFull,
        io::ErrorKind::QuotaExceeded,
        io::ErrorKind::FileTooLarge,
    ];
    cause.is_some_and(|cause| full.contains(&cause.kind()))
}
