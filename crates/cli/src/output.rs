//! Prints results to stdout, and everything else to stderr.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use w3pin::printable;

mod json;
mod messages;
mod pin;
mod table;

use self::json::escaped;
pub(crate) use self::{messages::Messages, pin::bytes};

/// Where and how to print. Text from outside is made [`printable`] here.
///
/// A write failure doesn't stop the work: it is remembered and reported at the end.
#[derive(Debug)]
pub(crate) struct Output {
    command: String,
    json: bool,
    terminal: bool,
    messages: Messages,
    broken: Mutex<Option<io::Error>>,
}

impl Output {
    pub(crate) fn new(command: String, json: bool, quiet: bool) -> Self {
        Self {
            command,
            json,
            terminal: io::stdout().is_terminal(),
            messages: Messages::new(quiet),
            broken: Mutex::new(None),
        }
    }

    /// Returns the name of the command.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// Returns whether to print JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Returns whether results are printed for people.
    pub(crate) fn is_for_people(&self) -> bool {
        self.terminal && !self.json
    }

    /// Returns the messages on stderr.
    pub(crate) fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Returns whether writing has failed, so that further output is lost.
    pub(crate) fn is_broken(&self) -> bool {
        self.lock().is_some()
    }

    /// Returns the write error, if any.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.lock().take()
    }

    /// Prints a JSON document.
    pub(crate) fn document(&self, value: &impl Serialize) {
        self.line_of(&self.json(value));
    }

    /// Prints one of several JSON documents, each on its own line.
    pub(crate) fn json_line(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.line_of(&escaped(&text)),
            Err(cause) => self.fail(cause.into()),
        }
    }

    /// Formats a document, indented for people.
    fn json(&self, value: &impl Serialize) -> String {
        let text = if self.terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        match text {
            Ok(text) => escaped(&text).into_owned(),
            Err(cause) => {
                self.fail(cause.into());
                String::new()
            }
        }
    }

    /// Prints the next document of a list, which [`end_list`](Self::end_list) ends.
    pub(crate) fn list_item(&self, value: &impl Serialize, is_first: bool) {
        let before = match (is_first, self.terminal) {
            (true, false) => "[",
            (false, false) => ",",
            (true, true) => "[\n",
            (false, true) => ",\n",
        };
        self.write(&format!("{before}{}", self.json(value)));
    }

    /// Ends a list of documents.
    pub(crate) fn end_list(&self, is_empty: bool) {
        self.write(match (is_empty, self.terminal) {
            (true, _) => "[]\n",
            (false, false) => "]\n",
            (false, true) => "\n]\n",
        });
    }

    /// Prints a line.
    pub(crate) fn line(&self, line: &str) {
        self.line_of(&printable(line));
    }

    /// Prints several lines with one write.
    pub(crate) fn lines(&self, lines: impl IntoIterator<Item = String>) {
        let lines = lines
            .into_iter()
            .map(|line| format!("{}\n", printable(&line)));
        self.write(&lines.collect::<String>());
    }

    /// Prints a line of fields, separated by tabs.
    pub(crate) fn row(&self, fields: &[&str]) {
        let fields: Vec<_> = fields.iter().map(|field| printable(field)).collect();
        self.line_of(&fields.join("\t"));
    }

    /// Prints text unchanged.
    pub(crate) fn raw(&self, text: &str) {
        self.write(text);
    }

    fn line_of(&self, line: &str) {
        self.write(&format!("{line}\n"));
    }

    fn write(&self, text: &str) {
        if self.is_broken() {
            return;
        }
        let written = self.messages.aside(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            stdout.flush()
        });
        if let Err(cause) = written {
            self.fail(cause);
        }
    }

    /// Remembers that standard output can't be written.
    pub(crate) fn fail(&self, cause: io::Error) {
        self.lock().get_or_insert(cause);
    }

    fn lock(&self) -> MutexGuard<'_, Option<io::Error>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints a note, which isn't a result.
    pub(crate) fn note(&self, text: &str) {
        self.messages.note(text);
    }

    /// Prints a warning.
    pub(crate) fn warn(&self, text: &str) {
        self.messages.warn(text);
    }

    pub(crate) fn error(&self, text: &str) {
        self.messages.error(text);
    }

    /// Prints what to do next; each hint only once.
    pub(crate) fn hint(&self, text: &str) {
        self.messages.hint(text);
    }
}
