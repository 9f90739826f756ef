//! `api.json`: what there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{Result, Scenario};

/// The surface that every face has, in its language's spelling.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The faces there are. Each writes what it has and ran to `target/parity/FACE.json`.
    pub faces: Vec<String>,
    /// What a client can do.
    pub operations: Vec<Operation>,
    /// Sets of options, by the name that operations call them.
    pub options: BTreeMap<String, BTreeSet<String>>,
    /// The settings of a client.
    pub client: BTreeSet<String>,
    /// What operations give, by type.
    pub types: BTreeMap<String, BTreeSet<String>>,
    /// The kinds of errors.
    pub error_kinds: BTreeSet<String>,
    /// What an error carries.
    pub error_fields: BTreeSet<String>,
}

/// Something that a client can do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its name, in snake case.
    pub name: String,
    /// What it must be given.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The set of options that it takes.
    #[serde(default)]
    pub options: Option<String>,
    /// The type it gives, if it gives one.
    #[serde(default)]
    pub result: Option<String>,
}

impl Api {
    /// The surface, as this crate holds it.
    ///
    /// # Errors
    /// Where `api.json` isn't one.
    pub fn load() -> Result<Self> {
        serde_json::from_str(include_str!("../api.json"))
            .map_err(|cause| format!("api.json: {cause}"))
    }

    /// Operations and error kinds that no scenario shows.
    #[must_use]
    pub fn uncovered(&self, scenarios: &[Scenario]) -> Vec<String> {
        let shown: BTreeSet<&str> = scenarios
            .iter()
            .map(|scenario| scenario.operation.as_str())
            .collect();
        let operations = self
            .operations
            .iter()
            .filter(|operation| !shown.contains(operation.name.as_str()))
            .map(|operation| format!("no scenario shows the operation {}", operation.name));
        let failed: BTreeSet<&str> = scenarios
            .iter()
            .filter_map(|scenario| scenario.expect.error.as_ref())
            .map(|error| error.kind.as_str())
            .collect();
        let kinds = self
            .error_kinds
            .iter()
            .filter(|kind| !failed.contains(kind.as_str()))
            .map(|kind| format!("no scenario shows the error kind {kind}"));
        operations.chain(kinds).collect()
    }
}
