//! The results of several calls, told as they come: what succeeded on stdout, what failed on stderr.

use std::io;

use serde::Serialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};
use w3pin::Result;

use crate::{
    exit_code,
    failure::{self, Failure},
    output::Output,
};

/// Gathers them.
pub(crate) struct Report<'a> {
    output: &'a Output,
    single: bool,
    documents: Vec<Box<RawValue>>,
    /// The exit code of the first failure.
    code: u8,
}

impl<'a> Report<'a> {
    /// For this many calls.
    pub(crate) fn new(calls: usize, output: &'a Output) -> Self {
        Self {
            output,
            single: calls == 1,
            documents: Vec::new(),
            code: exit_code::SUCCESS,
        }
    }

    /// Tells the result of the call about `what`, which `print` knows how to print.
    pub(crate) fn take<T: Serialize>(
        &mut self,
        what: &str,
        result: Result<T>,
        print: impl FnOnce(&T) -> io::Result<()>,
    ) -> std::result::Result<(), Failure> {
        match result {
            Ok(done) if self.output.is_json() => self.document(&done)?,
            Ok(done) => print(&done)?,
            Err(error) if self.single => return Err(error.into()),
            Err(error) => {
                failure::report(&error, Some(what), self.output);
                self.document(&json!({
                    "of": what,
                    "error": { "kind": error.kind().as_str(), "reason": error.to_string() },
                }))?;
                if self.code == exit_code::SUCCESS {
                    self.code = exit_code::of(&error);
                }
            }
        }
        Ok(())
    }

    /// Keeps a document until the end; as text, since its fields have an order.
    fn document(&mut self, document: &impl Serialize) -> io::Result<()> {
        self.documents.push(to_raw_value(document)?);
        Ok(())
    }

    /// Prints the document of a single call alone, those of several as a list.
    pub(crate) fn end(self) -> std::result::Result<(), Failure> {
        if self.output.is_json() {
            match &self.documents[..] {
                [document] if self.single => self.output.document(document)?,
                documents => self.output.document(&documents)?,
            }
        }
        match self.code {
            exit_code::SUCCESS => Ok(()),
            code => Err(Failure::Reported(code)),
        }
    }
}
