use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
};

use w3pin::printable;

use super::Color;
use crate::exit_code;

/// A command line that runs nothing: it asks for help or the version, or is invalid.
#[derive(Debug)]
pub(crate) struct Usage {
    text: String,
    is_wrong: bool,
}

impl Usage {
    pub(super) fn new(error: clap::Error, args: &[OsString]) -> Self {
        let is_wrong = error.use_stderr();
        let rendered = error.render();
        let plain = rendered.to_string();
        // Help doesn't contain arguments.
        let safe = if is_wrong {
            safe(&plain)
        } else {
            plain.clone()
        };
        let colored = match Color::asked_for(args) {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if is_wrong => {
                io::stderr().is_terminal() && console::colors_enabled_stderr()
            }
            Color::Auto => io::stdout().is_terminal() && console::colors_enabled(),
        };
        let text = if colored && safe == plain {
            rendered.ansi().to_string()
        } else {
            safe
        };
        Self { text, is_wrong }
    }

    /// Prints it. Returns the exit code.
    pub(crate) fn tell(&self) -> u8 {
        if self.is_wrong {
            // There is no other way to report this.
            let _ = io::stderr().write_all(self.text.as_bytes());
            return exit_code::USAGE;
        }
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(self.text.as_bytes())
            .and_then(|()| stdout.flush());
        match written {
            Ok(()) => exit_code::SUCCESS,
            Err(cause) => {
                let _ = writeln!(io::stderr(), "error: the output can't be written: {cause}");
                exit_code::OUTPUT
            }
        }
    }
}

/// Removes control characters and the passwords of URLs from clap's text.
fn safe(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let words = line.split('\'').map(without_password);
        printable(&words.collect::<Vec<_>>().join("'")).into_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Removes the `user:password` before an `@` from a quoted value.
fn without_password(quoted: &str) -> String {
    match quoted.rsplit_once('@') {
        Some((before, host)) if before.contains(':') => {
            let start = before.find("://").map_or(0, |scheme| scheme + 3);
            format!("{}[redacted]@{host}", &before[..start])
        }
        _ => quoted.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn passwords_and_escape_sequences_are_in_no_message() {
        let said = safe("invalid value 'kubo=http://me:s3cr3t@node:5001/x' for '--backend'");
        assert_eq!(
            said,
            "invalid value 'kubo=http://[redacted]@node:5001/x' for '--backend'"
        );
        assert_eq!(safe("'me:s3cr3t@node'"), "'[redacted]@node'");
        assert_eq!(
            safe("'a@b'\n'\u{1b}[2J\u{202e}'"),
            "'a@b'\n'\u{fffd}[2J\u{fffd}'"
        );
    }
}
