//! The table of results.

use std::{fs, time::Duration};

use super::{
    outcome::{Outcome, Tests},
    target::{TARGETS, Target},
};
use crate::{Result, run::root};

const PREFACE: &str = include_str!("preface.md");
const HEAD: &str = "| platform | built | ran | tests passed | not proved here | seconds |\n|---|---|---|---|---|---|\n";

/// Replaces a platform's row in the documentation, and keeps those of earlier runs.
pub(crate) fn note(
    target: &Target,
    outcome: &Outcome,
    took: Duration,
    problem: Option<&String>,
) -> Result {
    let path = root().join("docs/platforms.md");
    let page = fs::read_to_string(&path).unwrap_or_default();
    let new = row(target, outcome, took, problem);
    eprintln!("{HEAD}{new}");
    let rows = TARGETS.iter().map(|other| {
        let start = start(other);
        let old = page.lines().find(|line| line.starts_with(&start));
        if other.name == target.name {
            new.clone()
        } else if let Some(old) = old {
            format!("{old}\n")
        } else {
            format!("{start}not run yet | – | – | – | – |\n")
        }
    });
    let rows: String = rows.collect();
    let table = format!("{HEAD}{rows}");
    fs::write(&path, PREFACE.replace("{table}\n", &table))
        .map_err(|cause| format!("{}: {cause}", path.display()))
}

fn row(target: &Target, outcome: &Outcome, took: Duration, problem: Option<&String>) -> String {
    let mut ran = list(&outcome.ran);
    if let Some(problem) = problem {
        ran = format!("{ran}; **failed: {}**", problem.replace(['\n', '|'], " "));
    }
    let tests: Vec<_> = outcome.tests.iter().map(tests).collect();
    let unproved = match outcome.unproved {
        "" => "–",
        unproved => unproved,
    };
    format!(
        "{}{} | {ran} | {} | {unproved} | {} |\n",
        start(target),
        list(&outcome.built),
        list(&tests),
        took.as_secs()
    )
}

/// Returns the start of a platform's row.
fn start(target: &Target) -> String {
    format!("| `{}` ({}) | ", target.name, target.triple)
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
