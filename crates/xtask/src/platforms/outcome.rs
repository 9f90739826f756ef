//! The results for a platform.

use std::path::Path;

use crate::{Result, run::root};

/// The results so far.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What was built, with sizes.
    pub(crate) built: Vec<String>,
    /// What ran, and where.
    pub(crate) ran: Vec<&'static str>,
    pub(crate) tests: Vec<Tests>,
    /// What isn't tested here.
    pub(crate) unproved: &'static str,
}

impl Outcome {
    /// Adds a file that was built, with its size.
    pub(crate) fn built(&mut self, what: &str, file: &Path) -> Result {
        let bytes = file.metadata().map(|metadata| metadata.len());
        let bytes = bytes.map_err(|cause| {
            let file = file.strip_prefix(root()).unwrap_or(file);
            format!("{}: {cause}", file.display())
        })?;
        self.built.push(format!("{what} {}", megabytes(bytes)));
        Ok(())
    }

    /// Adds the tests of a suite, from what their runner printed.
    pub(crate) fn count(&mut self, suite: &'static str, said: &str) {
        self.tests.push(Tests::count(suite, said));
    }

    /// Fails if a test has failed.
    pub(crate) fn all_passed(&self) -> Result {
        let failed: Vec<_> = self
            .tests
            .iter()
            .flat_map(|tests| tests.failed.iter().map(String::as_str))
            .collect();
        match failed[..] {
            [] => Ok(()),
            _ => Err(format!("these tests failed: {}", failed.join(", "))),
        }
    }
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// The tests of one suite that ran.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tests {
    pub(crate) suite: &'static str,
    pub(crate) passed: u64,
    pub(crate) failed: Vec<String>,
}

impl Tests {
    /// Counts the tests in the output of the runners of Rust, pytest and Node.js.
    fn count(suite: &'static str, said: &str) -> Self {
        let mut tests = Self {
            suite,
            ..Self::default()
        };
        for line in said.lines().map(str::trim) {
            let words: Vec<_> = line.split_whitespace().collect();
            match words[..] {
                ["test", "result:", _, passed, "passed;", ..] | ["ℹ", "pass", passed] => {
                    tests.passed += passed.parse().unwrap_or(0);
                }
                ["test", name, "...", "FAILED"] | ["FAILED", name, ..] => {
                    tests.failed.push(name.to_owned());
                }
                ["✖", "failing", "tests:"] => {}
                ["✖", ref name @ .., _] => tests.failed.push(name.join(" ")),
                // pytest ends with `1 failed, 2 passed, 3 skipped in 0.1s`.
                [.., "in", _] => {
                    let at = words
                        .iter()
                        .position(|word| word.trim_end_matches(',') == "passed");
                    let number = at.and_then(|at| words.get(at.checked_sub(1)?)?.parse().ok());
                    tests.passed += number.unwrap_or(0);
                }
                _ => {}
            }
        }
        tests.failed.sort();
        tests.failed.dedup();
        tests
    }
}

#[cfg(test)]
mod tests {
    use super::Tests;

    #[test]
    fn the_tests_of_each_runner_are_counted() {
        let rust = "test a::b ... ok\ntest a::c ... FAILED\n\
                    test result: FAILED. 1 passed; 1 failed; 0 ignored; finished in 0.01s\n\
                    test result: ok. 2 passed; 0 failed; 0 ignored; finished in 0.01s\n";
        let pytest = "FAILED tests/test_a.py::test_b - assert 1 == 2\n\
                      1 failed, 5 passed, 2 skipped in 1.23s\n";
        let node = "✔ one (1.2ms)\n✖ two words (3.4ms)\nℹ pass 7\nℹ fail 1\n✖ failing tests:\n✖ two words (3.4ms)\n";
        for (said, passed, failed) in [
            (rust, 3, "a::c"),
            (pytest, 5, "tests/test_a.py::test_b"),
            (node, 7, "two words"),
        ] {
            let tests = Tests::count("", said);
            assert_eq!(
                (tests.passed, tests.failed),
                (passed, vec![failed.to_owned()])
            );
        }
    }
}
