//! Reports the results of several calls: successes on stdout, failures on stderr.

use std::collections::BTreeMap;

use serde::Serialize;
use w3pin::{Cid, Error, Result};

use crate::{
    exit_code::{self, worst},
    failure::{self, Failure},
    output::Output,
};

/// Reports results in the order of their arguments. A result that arrives early is kept until its
/// turn, or until the report is dropped: everything that was done is reported, however the command
/// ends, including results that are still held.
pub(crate) struct Report<'a, T: Serialize> {
    output: &'a Output,
    subjects: Vec<String>,
    tell: Tell<'a, T>,
    early: BTreeMap<usize, Result<T>>,
    held: BTreeMap<usize, T>,
    next: usize,
    told: usize,
    is_list: bool,
    code: u8,
    has_ended: bool,
}

/// Prints the result for a subject.
type Tell<'a, T> = Box<dyn Fn(&str, &T) + 'a>;

impl<'a, T: Serialize> Report<'a, T> {
    /// Creates a report for calls about these subjects; `tell` prints a result that isn't JSON.
    pub(crate) fn new(
        subjects: Vec<String>,
        output: &'a Output,
        tell: impl Fn(&str, &T) + 'a,
    ) -> Self {
        Self {
            output,
            is_list: subjects.len() != 1,
            subjects,
            tell: Box::new(tell),
            early: BTreeMap::new(),
            held: BTreeMap::new(),
            next: 0,
            told: 0,
            code: exit_code::SUCCESS,
            has_ended: false,
        }
    }

    /// Always prints a list of JSON documents, whatever their number.
    pub(crate) fn always_list(mut self) -> Self {
        self.is_list = true;
        self
    }

    /// Returns the subject of the call with this index.
    pub(crate) fn subject(&self, index: usize) -> &str {
        self.subjects.get(index).map_or("", String::as_str)
    }

    /// Holds the intermediate result of the call with this index, which is reported if the command
    /// ends before the final one.
    pub(crate) fn hold(&mut self, index: usize, so_far: T) {
        self.held.insert(index, so_far);
    }

    /// Takes the result of the call with this index.
    pub(crate) fn take(&mut self, index: usize, result: Result<T>) {
        self.held.remove(&index);
        self.early.insert(index, result);
        while let Some(result) = self.early.remove(&self.next) {
            self.print(self.next, result);
            self.next += 1;
        }
    }

    /// Sets the exit code, unless another takes precedence.
    pub(crate) fn fail(&mut self, code: u8) {
        self.code = worst(self.code, code);
    }

    /// Ends the report and returns its overall result.
    pub(crate) fn end(mut self) -> std::result::Result<(), Failure> {
        self.flush();
        match self.code {
            exit_code::SUCCESS => Ok(()),
            code => Err(Failure::Reported(code)),
        }
    }

    fn print(&mut self, index: usize, result: Result<T>) {
        let subject = self.subject(index);
        let code = match result {
            Ok(done) => {
                if self.output.is_json() {
                    let of = subject;
                    self.document(&Done { of, done: &done });
                } else {
                    (self.tell)(subject, &done);
                }
                exit_code::SUCCESS
            }
            Err(error) => {
                failure::report(&error, Some(subject), self.output);
                if self.output.is_json() {
                    self.document(&ErrorDocument::new(&error, Some(subject)));
                }
                exit_code::of(&error)
            }
        };
        self.fail(code);
        self.told += 1;
    }

    fn document(&self, document: &impl Serialize) {
        if self.is_list {
            self.output.list_item(document, self.told == 0);
        } else {
            self.output.document(document);
        }
    }

    /// Reports the remaining results.
    fn flush(&mut self) {
        self.has_ended = true;
        let held = std::mem::take(&mut self.held).into_iter();
        self.early
            .extend(held.map(|(index, done)| (index, Ok(done))));
        for (index, result) in std::mem::take(&mut self.early) {
            self.print(index, result);
        }
        if self.output.is_json() && self.is_list {
            self.output.end_list(self.told == 0);
        }
    }
}

impl<T: Serialize> Drop for Report<'_, T> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let held = self.held.len();
        self.flush();
        let all = self.subjects.len();
        if all > 1 {
            let finished = self.told - held;
            self.output
                .note(&format!("{finished} of {all} have finished"));
        }
        if held > 0 {
            self.output
                .hint("`w3pin wait ID` goes on waiting for a pin");
        }
    }
}

/// A result in JSON.
#[derive(Serialize)]
struct Done<'a, T> {
    of: &'a str,
    #[serde(flatten)]
    done: &'a T,
}

/// An error in JSON.
#[derive(Serialize)]
pub(crate) struct ErrorDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
    error: ErrorFields<'a>,
}

#[derive(Serialize)]
struct ErrorFields<'a> {
    kind: &'static str,
    reason: &'a str,
    field: Option<&'a str>,
    path: Option<&'a str>,
    status: Option<u16>,
    service_message: Option<&'a str>,
    body_excerpt: Option<&'a str>,
    retry_after: Option<f64>,
    expected_cid: Option<&'a Cid>,
    returned_cid: Option<&'a Cid>,
    is_retryable: bool,
    is_outcome_unknown: bool,
}

impl<'a> ErrorDocument<'a> {
    /// Returns the error of a call about `of`.
    pub(crate) fn new(error: &'a Error, of: Option<&'a str>) -> Self {
        let error = ErrorFields {
            kind: error.kind().as_str(),
            reason: error.reason(),
            field: error.field(),
            path: error.path(),
            status: error.status(),
            service_message: error.service_message(),
            body_excerpt: error.body_excerpt(),
            retry_after: error.retry_after().map(|delay| delay.as_secs_f64()),
            expected_cid: error.expected_cid(),
            returned_cid: error.returned_cid(),
            is_retryable: error.is_retryable(),
            is_outcome_unknown: error.is_outcome_unknown(),
        };
        Self { of, error }
    }
}
