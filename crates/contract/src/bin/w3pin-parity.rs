//! Checks that every surface has the whole API and ran every scenario: `w3pin-parity [SKIPPED
//! SURFACE…]`.
//!
//! The tests of each surface write what they found and ran to `target/parity/SURFACE.json`.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stderr,
    reason = "it talks to the person who runs the tests"
)]

use std::{env, fs, path::Path, process::ExitCode};

use w3pin_contract::{Api, Report, Result, Scenario};

fn main() -> ExitCode {
    let skipped: Vec<_> = env::args().skip(1).collect();
    match problems(&skipped) {
        Ok(problems) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(problems) => {
            eprintln!("{}", problems.join("\n"));
            ExitCode::FAILURE
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Returns what is missing in each surface that wasn't skipped, and in the scenarios.
fn problems(skipped: &[String]) -> Result<Vec<String>> {
    let api = Api::load()?;
    let scenarios = Scenario::load_all()?;
    let mut problems = api.unknown(&scenarios);
    problems.extend(api.uncovered(&scenarios));
    let (left_out, checked): (Vec<_>, Vec<_>) =
        api.surfaces.iter().partition(|it| skipped.contains(it));
    for name in left_out {
        eprintln!("{name} was skipped");
    }
    for name in &checked {
        let gaps = report(name)?.gaps(name, &api, &scenarios);
        problems.extend(gaps.into_iter().map(|gap| format!("{name}: {gap}")));
    }
    let beyond = scenarios
        .iter()
        .filter(|scenario| scenario.beyond_core.is_some());
    eprintln!(
        "{} surfaces, {} scenarios, {} of them beyond core, {} gaps",
        checked.len(),
        scenarios.len(),
        beyond.count(),
        problems.len()
    );
    Ok(problems)
}

fn report(surface: &str) -> Result<Report> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/parity"))
        .join(format!("{surface}.json"));
    let text = fs::read_to_string(&path)
        .map_err(|_| format!("{surface} wrote no {}; run its tests first", path.display()))?;
    serde_json::from_str(&text)
        .map_err(|cause| format!("{} can't be read: {cause}", path.display()))
}
