//! Reports failures of CAR files, and what to do next.

use std::borrow::Cow;

use w3pin::{Error, ErrorKind};

use super::{option, reading::is_full};
use crate::{exit_code, output::Output, report::ErrorDocument};

/// Any invalid CAR counts as damaged.
pub(super) fn exit_code(error: &Error) -> u8 {
    match (error.kind(), error.field()) {
        (ErrorKind::Decode | ErrorKind::NotFound, None) => exit_code::DAMAGED,
        _ => exit_code::of(error),
    }
}

/// Reports an error, and what to do next.
pub(super) fn report(error: &Error, file: &str, output: &Output) {
    let mut text = error.to_string();
    if error.path() == Some(file) {
        text = text.replacen(&format!(": {file}"), "", 1);
    }
    if !text.contains(file) {
        text = format!("{file}: {text}");
    }
    output.error(&text);
    output.hint(&hint(error, output.command()));
    if output.is_json() {
        output.document(&ErrorDocument::new(error, Some(file)));
    }
}

fn hint(error: &Error, command: &str) -> Cow<'static, str> {
    let hint = match (error.kind(), error.field()) {
        (_, Some("symlinks")) => {
            "--symlinks skip leaves links out; --symlinks all makes them, if you trust the content"
        }
        (_, Some("overwrite")) => "--overwrite replaces files that have other content",
        (_, Some("root")) => "--root names what to read; `w3pin car verify` lists the roots",
        (ErrorKind::LocalIo, _) if is_full(error) => "free some space, then run the command again",
        (ErrorKind::LocalIo, Some("destination")) => {
            "give another name with --output, or move away what is there"
        }
        (ErrorKind::InvalidInput, field) => {
            let option = field.and_then(option);
            let see = option.map_or_else(String::new, |option| format!("{option} in "));
            return format!("see {see}`w3pin help {command}`").into();
        }
        (ErrorKind::NotFound, Some("path")) => "`w3pin car ls` lists what is there",
        (ErrorKind::Decode | ErrorKind::NotFound, None) => {
            "`w3pin car verify` lists everything that is wrong or missing"
        }
        (ErrorKind::LocalIo, _) => "check that the path exists and that you may read it",
        _ => "-v shows the requests",
    };
    hint.into()
}
