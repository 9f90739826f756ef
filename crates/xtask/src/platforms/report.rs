//! The table of results.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use super::{
    outcome::{Outcome, Tests},
    target::{TARGETS, Target},
};
use crate::{Result, run::root};

const PREFACE: &str = include_str!("preface.md");
const HEAD: &str = "| platform | built | ran | tests passed | not proved here | seconds |\n|---|---|---|---|---|---|\n";

/// A row for each platform that has been run. A run replaces the rows of its platforms.
pub(crate) struct Report {
    path: PathBuf,
    rows: BTreeMap<&'static str, String>,
}

impl Report {
    /// Reads the rows of earlier runs.
    pub(crate) fn open() -> Self {
        let path = root().join("docs/platforms.md");
        let page = fs::read_to_string(&path).unwrap_or_default();
        let row = |target: &Target| {
            let start = format!("| `{}` ", target.name);
            let line = page.lines().find(|line| line.starts_with(&start))?;
            Some((target.name, format!("{line}\n")))
        };
        Self {
            rows: TARGETS.iter().filter_map(row).collect(),
            path,
        }
    }

    /// Replaces a platform's row.
    pub(crate) fn note(
        &mut self,
        target: &'static Target,
        outcome: &Outcome,
        took: Duration,
        problem: Option<&String>,
    ) -> Result {
        let row = row(target, outcome, took, problem);
        eprintln!("{row}");
        self.rows.insert(target.name, row);
        let rows: String = TARGETS
            .iter()
            .filter_map(|target| self.rows.get(target.name).map(String::as_str))
            .collect();
        fs::write(
            &self.path,
            PREFACE.replace("{table}\n", &format!("{HEAD}{rows}")),
        )
        .map_err(|cause| format!("{}: {cause}", self.path.display()))
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
