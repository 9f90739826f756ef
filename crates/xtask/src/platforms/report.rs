//! The table of results.

use std::{fs, path::PathBuf, time::Duration};

use super::{
    outcome::{Outcome, Tests},
    target::{TARGETS, Target},
};
use crate::{Result, run::root};

const PREFACE: &str = include_str!("preface.md");
const HEAD: &str = "| platform | built | ran | tests passed | not proved here | seconds |\n|---|---|---|---|---|---|\n";

/// A row for each platform. A run of some platforms replaces their rows.
pub(crate) struct Report {
    folder: PathBuf,
}

impl Report {
    /// The existing rows; none if all platforms are run.
    pub(crate) fn open(fresh: bool) -> Result<Self> {
        let folder = root().join("target/platforms/report");
        let failed = |cause| format!("{}: {cause}", folder.display());
        if fresh && folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        Ok(Self { folder })
    }

    pub(crate) fn note(
        &self,
        target: &Target,
        outcome: &Outcome,
        took: Duration,
        problem: Option<&String>,
    ) -> Result {
        let row = row(target, outcome, took, problem);
        let path = self.folder.join(target.name);
        fs::write(&path, row).map_err(|cause| format!("{}: {cause}", path.display()))
    }

    /// Prints the table, and writes it to the documentation if no platform is missing.
    pub(crate) fn write(&self) -> Result {
        let rows: Vec<_> = TARGETS
            .iter()
            .filter_map(|target| fs::read_to_string(self.folder.join(target.name)).ok())
            .collect();
        let table = format!("{HEAD}{}", rows.concat());
        eprintln!("\n{table}");
        if rows.len() < TARGETS.len() {
            return Ok(());
        }
        let path = root().join("docs/platforms.md");
        fs::write(&path, PREFACE.replace("{table}\n", &table))
            .map_err(|cause| format!("{}: {cause}", path.display()))
    }
}

fn row(target: &Target, outcome: &Outcome, took: Duration, problem: Option<&String>) -> String {
    let mut ran = list(&outcome.ran);
    if let Some(problem) = problem {
        ran = format!("{ran}; **{}**", problem.replace(['\n', '|'], " "));
    }
    let tests: Vec<_> = outcome.tests.iter().map(tests).collect();
    let unproved = match outcome.unproved {
        "" => "–",
        unproved => unproved,
    };
    format!(
        "| `{}` ({}) | {} | {ran} | {} | {unproved} | {} |\n",
        target.name,
        target.triple,
        list(&outcome.built),
        list(&tests),
        took.as_secs()
    )
}

fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => "–".to_owned(),
        items => {
            let items: Vec<_> = items.iter().map(AsRef::as_ref).collect();
            items.join(", ")
        }
    }
}

fn tests(tests: &Tests) -> String {
    let Tests {
        suite,
        passed,
        failed,
    } = tests;
    match failed.len() as u64 {
        0 => format!("{suite} {passed}"),
        count => format!("{suite} {passed} of {}", passed + count),
    }
}
