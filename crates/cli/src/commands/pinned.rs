//! Reports the results of pinning.

use std::collections::BTreeMap;

use w3pin::{Pin, Result, Verification};

use crate::{exit_code, failure::Failure, output::Output, report::Report};

/// The requested pins, by their content.
pub(super) struct Pinned<'a> {
    report: Report<'a, Pin>,
    output: &'a Output,
    asked: Asked,
}

/// What was requested for each of them.
pub(super) struct Asked {
    pub(super) name: Option<String>,
    pub(super) keyvalues: BTreeMap<String, String>,
    /// Whether to report the proof.
    pub(super) proof: bool,
}

impl<'a> Pinned<'a> {
    pub(super) fn new(subjects: Vec<String>, asked: Asked, output: &'a Output) -> Self {
        let report = Report::new(subjects, output, |what, pin| output.pinned(what, pin));
        Self {
            report,
            output,
            asked,
        }
    }

    /// Reports differences from what was requested.
    pub(super) fn judge(&mut self, index: usize, pin: &Pin) {
        let what = self.report.subject(index).to_owned();
        if self.asked.proof {
            self.judge_proof(&what, pin);
        }
        if !pin.already_pinned {
            return;
        }
        if !self.output.is_for_people() {
            self.output.note(&format!("{what}: was pinned already"));
        }
        let id = &pin.id;
        if self.asked.name.is_some() && self.asked.name != pin.name {
            let name = pin.name.as_deref().unwrap_or("");
            self.output.warn(&format!(
                "{what}: --name had no effect, as the content was pinned already: pin {id} is \
                 called {name:?}"
            ));
        }
        let asked = self.asked.keyvalues.iter();
        let lacks: Vec<_> = asked
            .filter(|(key, value)| pin.keyvalues.get(*key) != Some(value))
            .map(|(key, _)| key.as_str())
            .collect();
        if !lacks.is_empty() {
            let lacks = lacks.join(", ");
            self.output.warn(&format!(
                "{what}: --meta had no effect, as the content was pinned already: pin {id} has \
                 another value or none for {lacks}"
            ));
        }
    }

    fn judge_proof(&mut self, what: &str, pin: &Pin) {
        let (id, cid) = (&pin.id, &pin.cid);
        match &pin.verification {
            Verification::Verified { .. } => {}
            Verification::Mismatch { computed } => {
                self.output.error(&format!(
                    "{what}: MISMATCH: the service pinned {cid}, and the CID of the bytes sent is \
                     {computed}; don't rely on pin {id}"
                ));
                self.report.fail(exit_code::CID_MISMATCH);
            }
            Verification::Unproved { computed } => self.output.warn(&format!(
                "{what}: unproved: no known profile gives {cid} for the bytes sent, whose CID is \
                 {computed}; `w3pin verify` compares the content block by block"
            )),
            Verification::Unchecked => self.output.warn(&format!(
                "{what}: unproved: the content couldn't be read again to compute its CID; \
                 `w3pin verify` compares it block by block"
            )),
        }
    }

    /// Holds a new pin until it is done.
    pub(super) fn hold(&mut self, index: usize, pin: &Pin) {
        self.report.hold(index, pin.clone());
    }

    /// Takes the result of the call with this index.
    pub(super) fn take(&mut self, index: usize, result: Result<Pin>) {
        self.report.take(index, result);
    }

    pub(super) fn end(self) -> std::result::Result<(), Failure> {
        self.report.end()
    }
}
