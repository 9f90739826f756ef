//! The contents of a release, and the checks that were made.

use std::{fs, path::Path, time::Duration};

use super::layout::failed;
use crate::{Result, run::root};

#[derive(Default)]
pub(crate) struct Table {
    /// Whether sizes are checked, which other builds than the shipped one exceed.
    limits_sizes: bool,
    rows: Vec<Row>,
    lacking: Vec<String>,
    unchecked: Vec<String>,
    durations: Vec<String>,
}

struct Row {
    file: String,
    bytes: u64,
    checks: String,
}

impl Table {
    pub(crate) fn new(limits_sizes: bool) -> Self {
        Self {
            limits_sizes,
            ..Self::default()
        }
    }

    /// Adds a file with a maximum size in MB.
    pub(crate) fn has(&mut self, file: &Path, most_mb: u64, checks: &str) -> Result {
        let bytes = fs::metadata(file)
            .map_err(|cause| failed(file, &cause))?
            .len();
        if self.limits_sizes && bytes > most_mb * 1_000_000 {
            return Err(format!(
                "{} has {bytes} bytes, more than {most_mb} MB",
                file.display()
            ));
        }
        self.rows.push(Row {
            file: name(file),
            bytes,
            checks: checks.to_owned(),
        });
        Ok(())
    }

    /// Records that a part of a release is missing here.
    pub(crate) fn lacks(&mut self, what: &str, why: &str) {
        self.lacking.push(format!("{what} is lacking: {why}"));
    }

    /// Records that a check isn't made here.
    pub(crate) fn unchecked(&mut self, what: &str, why: &str) {
        self.unchecked.push(format!("{what}: {why}"));
    }

    /// Records how long a step took.
    pub(crate) fn took(&mut self, step: &str, time: Duration) {
        self.durations.push(format!("{step} {} s", time.as_secs()));
    }

    pub(crate) fn lacking(&self) -> impl Iterator<Item = String> {
        self.lacking.iter().cloned()
    }

    pub(crate) fn print(&self) {
        let width = self.rows.iter().map(|row| row.file.len()).max();
        let width = width.unwrap_or_default();
        eprintln!("\n{:<width$}  {:>10}  checked", "file", "bytes");
        for row in &self.rows {
            eprintln!("{:<width$}  {:>10}  {}", row.file, row.bytes, row.checks);
        }
        eprintln!("\n{}", self.durations.join(", "));
        let line = "!".repeat(78);
        for (title, notes) in [
            ("NOT IN THIS RELEASE", &self.lacking),
            ("NOT CHECKED HERE", &self.unchecked),
        ] {
            if !notes.is_empty() {
                eprintln!("\n{line}\n{title}\n{}\n{line}", notes.join("\n"));
            }
        }
    }
}

/// Returns a file's name below the layout.
fn name(file: &Path) -> String {
    let file = file
        .strip_prefix(root().join("target/release-layout"))
        .unwrap_or(file);
    file.display().to_string()
}
