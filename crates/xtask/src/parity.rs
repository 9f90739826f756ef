//! `cargo xtask parity`

use std::fs;

use w3pin_contract::{Api, Report, Scenario};

use crate::{Result, run::root, skipped};

/// Every surface has the whole surface and ran every scenario.
///
/// The tests of each surface write what they found and ran to `target/parity/SURFACE.json`.
pub(crate) fn run() -> Result {
    let api = Api::load()?;
    let scenarios = Scenario::load_all()?;
    let mut problems = api.unknown(&scenarios);
    problems.extend(api.uncovered(&scenarios));
    for name in &api.surfaces {
        if skipped::is_noted(name) {
            eprintln!("{name} was skipped");
            continue;
        }
        let path = root().join("target/parity").join(format!("{name}.json"));
        let text = fs::read_to_string(&path)
            .map_err(|_| format!("{name} wrote no {}; run its tests first", path.display()))?;
        let report: Report = serde_json::from_str(&text)
            .map_err(|cause| format!("{} can't be read: {cause}", path.display()))?;
        problems.extend(
            report
                .gaps(name, &api, &scenarios)
                .into_iter()
                .map(|gap| format!("{name}: {gap}")),
        );
    }
    if problems.is_empty() {
        let beyond = scenarios
            .iter()
            .filter(|scenario| scenario.beyond_core.is_some())
            .count();
        eprintln!(
            "{} surfaces, {} scenarios, {beyond} of them beyond core, no gap",
            api.surfaces
                .iter()
                .filter(|name| !skipped::is_noted(name))
                .count(),
            scenarios.len()
        );
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
