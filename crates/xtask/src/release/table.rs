//! The contents of a release, and the checks that were made.

use std::{fs, path::Path};

use super::layout::failed;
use crate::{Result, run::root};

#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    lacking: Vec<String>,
    unchecked: Vec<String>,
}

struct Row {
    file: String,
    bytes: u64,
    checks: String,
}

impl Table {
    /// Adds a file with a maximum size in MiB.
    pub(crate) fn has(&mut self, file: &Path, most_mib: u64, checks: &str) -> Result {
        let bytes = fs::metadata(file)
            .map_err(|cause| failed(file, &cause))?
            .len();
        if bytes > most_mib << 20 {
            return Err(format!(
                "{} has {bytes} bytes, more than {most_mib} MiB",
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
