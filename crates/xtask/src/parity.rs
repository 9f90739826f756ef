//! `cargo xtask parity`

use std::{collections::BTreeSet, fs};

use w3pin_contract::{Api, Face, Scenario};

use crate::{Result, run::root};

/// Every face has the whole surface and ran every scenario.
///
/// The tests of each face write what they found and ran to `target/parity/FACE.json`.
pub(crate) fn run() -> Result {
    let api = Api::load()?;
    let scenarios: BTreeSet<String> = Scenario::load_all()?
        .into_iter()
        .map(|scenario| scenario.id)
        .collect();
    let mut problems = api.uncovered(&Scenario::load_all()?);
    for name in &api.faces {
        let path = root().join("target/parity").join(format!("{name}.json"));
        let text = fs::read_to_string(&path)
            .map_err(|_| format!("{name} wrote no {}; run its tests first", path.display()))?;
        let face: Face = serde_json::from_str(&text)
            .map_err(|cause| format!("{} can't be read: {cause}", path.display()))?;
        problems.extend(
            face.gaps(&api, &scenarios)
                .into_iter()
                .map(|gap| format!("{name}: {gap}")),
        );
    }
    if problems.is_empty() {
        eprintln!(
            "{} faces, {} scenarios, no gap",
            api.faces.len(),
            scenarios.len()
        );
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
