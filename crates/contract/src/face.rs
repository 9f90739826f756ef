//! What a face has and ran.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use crate::{Api, Result, Scenario};

/// The face that replays scenarios without a socket and a disk.
const CORE: &str = "core";

/// What the tests of a face found in it by looking at its real surface, and which scenarios they ran.
///
/// Names may be in snake case or in camel case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Face {
    /// The surface; `core` has none of its own.
    pub surface: Option<Surface>,
    /// Scenarios that were run to their end.
    pub ran: BTreeSet<String>,
    /// Scenarios that can't be run here, and why: for `core` alone.
    #[serde(default)]
    pub skipped: BTreeMap<String, String>,
}

/// The names that a face has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    /// Operations, each with its arguments and options.
    pub operations: BTreeMap<String, BTreeSet<String>>,
    /// Settings of a client.
    pub client: BTreeSet<String>,
    /// Types, each with its fields.
    pub types: BTreeMap<String, BTreeSet<String>>,
    /// Kinds of errors.
    pub error_kinds: BTreeSet<String>,
    /// What an error carries.
    pub error_fields: BTreeSet<String>,
}

impl Face {
    /// Writes it where the parity check looks for it.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn save(&self, name: &str) -> Result<()> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/parity"));
        let text = serde_json::to_string_pretty(self).map_err(|cause| cause.to_string())?;
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join(format!("{name}.json")), text))
            .map_err(|cause| format!("{}: {cause}", folder.display()))
    }

    /// What the face of that name lacks, and what it has that the contract doesn't know.
    ///
    /// Only `core` has no surface, and may skip a scenario that says why it is beyond it.
    #[must_use]
    pub fn gaps(&self, name: &str, api: &Api, scenarios: &[Scenario]) -> Vec<String> {
        let mut gaps = Vec::new();
        let wanted = scenarios
            .iter()
            .filter(|scenario| name != CORE || scenario.beyond_core.is_none())
            .map(|scenario| scenario.id.clone())
            .collect();
        compare("scenario", &wanted, &self.ran, &mut gaps);
        let Some(surface) = &self.surface else {
            if name != CORE {
                gaps.push("it tells nothing of its surface".to_owned());
            }
            return gaps;
        };
        let wanted: BTreeMap<&str, BTreeSet<String>> = api
            .operations
            .iter()
            .map(|operation| {
                let options = api.options_of(operation).into_keys();
                let takes = operation
                    .arguments
                    .keys()
                    .map(String::as_str)
                    .chain(options)
                    .map(str::to_owned)
                    .collect();
                (operation.name.as_str(), takes)
            })
            .collect();
        nested("operation", &wanted, &surface.operations, &mut gaps);
        let types = api
            .types
            .iter()
            .map(|(name, fields)| (name.as_str(), fields.clone()))
            .collect();
        nested("type", &types, &surface.types, &mut gaps);
        compare(
            "client setting",
            &api.client,
            &snake(&surface.client),
            &mut gaps,
        );
        compare(
            "error kind",
            &api.error_kinds,
            &snake(&surface.error_kinds),
            &mut gaps,
        );
        compare(
            "error field",
            &api.error_fields,
            &snake(&surface.error_fields),
            &mut gaps,
        );
        gaps
    }
}

fn nested(
    what: &str,
    wanted: &BTreeMap<&str, BTreeSet<String>>,
    found: &BTreeMap<String, BTreeSet<String>>,
    gaps: &mut Vec<String>,
) {
    let found: BTreeMap<String, BTreeSet<String>> = found
        .iter()
        .map(|(name, inner)| (word(name), snake(inner)))
        .collect();
    let names = wanted.keys().map(|name| word(name)).collect();
    compare(what, &names, &found.keys().cloned().collect(), gaps);
    for (name, inner) in wanted {
        if let Some(found) = found.get(&word(name)) {
            compare(&format!("{what} {name}:"), inner, found, gaps);
        }
    }
}

fn compare(
    what: &str,
    wanted: &BTreeSet<String>,
    found: &BTreeSet<String>,
    gaps: &mut Vec<String>,
) {
    gaps.extend(
        wanted
            .difference(found)
            .map(|name| format!("{what} {name} is missing")),
    );
    gaps.extend(
        found
            .difference(wanted)
            .map(|name| format!("{what} {name} isn't in the contract")),
    );
}

fn snake(names: &BTreeSet<String>) -> BTreeSet<String> {
    names.iter().map(|name| word(name)).collect()
}

/// A name in snake case: `pinByCid`, `PinByCid` and `PIN_BY_CID` are `pin_by_cid`.
fn word(name: &str) -> String {
    let mut word = String::new();
    let mut after_small = false;
    for char in name.chars() {
        if char.is_uppercase() && after_small {
            word.push('_');
        }
        after_small = char.is_lowercase() || char.is_numeric();
        word.extend(char.to_lowercase());
    }
    word
}
