//! What a surface has and ran, according to its tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Result;

/// What the tests of a surface found by inspecting it, and which scenarios they ran.
///
/// Names may be in snake case or in camel case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The surface; `None` for `core`.
    pub surface: Option<Surface>,
    /// Scenarios that were run to the end.
    pub ran: BTreeSet<String>,
    /// Scenarios that can't be run here, and why; only for `core`.
    #[serde(default)]
    pub skipped: BTreeMap<String, String>,
}

/// What a surface has, by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    /// Operations.
    pub operations: BTreeMap<String, OperationFound>,
    /// Settings of a client.
    pub client: BTreeMap<String, Found>,
    /// The fields of a retry policy.
    pub retry: BTreeMap<String, Found>,
    /// Types, each with its fields.
    pub types: BTreeMap<String, BTreeMap<String, Found>>,
    /// The words of each type that is one of a few.
    pub words: BTreeMap<String, BTreeMap<String, Found>>,
    /// Kinds of errors.
    pub error_kinds: BTreeMap<String, Found>,
    /// What an error carries.
    pub error_fields: BTreeMap<String, Found>,
}

/// An operation that a surface has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationFound {
    /// Its documentation.
    pub doc: String,
    /// Its arguments and options.
    pub takes: BTreeMap<String, Found>,
}

/// Something that a surface has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Its documentation.
    pub doc: String,
    /// Its type in the language's own words, if it has one there.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Its default, if it is stated there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}

impl Report {
    /// Writes it where the parity check looks for it.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn save(&self, name: &str) -> Result<()> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/parity"));
        let text = serde_json::to_string_pretty(self).map_err(|cause| cause.to_string())?;
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join(format!("{name}.json")), text))
            .map_err(|cause| format!("{}: {cause}", folder.display()))
    }
}
