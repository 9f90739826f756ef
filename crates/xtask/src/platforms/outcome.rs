//! The results for a platform.

/// The results so far.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What was built.
    pub(crate) built: Vec<&'static str>,
    /// What ran, and where.
    pub(crate) ran: Vec<&'static str>,
    pub(crate) tests: Tests,
    /// The size of the command.
    pub(crate) bytes: Option<u64>,
    /// What isn't tested here.
    pub(crate) unproved: &'static str,
}

/// The number of tests that ran.
#[derive(Debug, Default)]
pub(crate) struct Tests {
    pub(crate) passed: u64,
    pub(crate) failed: Vec<String>,
}

impl Tests {
    /// Counts the tests in the output of Rust's test harness.
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
