//! What was seen of a platform.

/// As far as it went.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What was built.
    pub(crate) built: Vec<&'static str>,
    /// What ran, and where.
    pub(crate) ran: Vec<&'static str>,
    pub(crate) tests: Tests,
    /// The command's size.
    pub(crate) bytes: Option<u64>,
    /// What isn't proved here.
    pub(crate) unproved: &'static str,
}

/// The tests that ran.
#[derive(Debug, Default)]
pub(crate) struct Tests {
    pub(crate) passed: u64,
    pub(crate) failed: Vec<String>,
}

impl Tests {
    /// Counts what the harness of Rust's tests said.
    pub(crate) fn count(&mut self, said: &str) {
        for line in said.lines() {
            if let Some(counts) = line.strip_prefix("test result: ") {
                let passed = counts.split_once(" passed").and_then(|(before, _)| {
                    let (_, number) = before.rsplit_once(' ')?;
                    number.parse::<u64>().ok()
                });
                self.passed += passed.unwrap_or(0);
            } else if let Some(name) = line.strip_prefix("test ")
                && let Some(name) = name.strip_suffix(" ... FAILED")
            {
                self.failed.push(name.to_owned());
            }
        }
    }
}
