//! The contents of `api.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::Result;

/// The API that every language has, in its own spelling, and the sentences that document it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The surfaces. The tests of each write what it has and ran to `target/parity/SURFACE.json`.
    pub surfaces: Vec<String>,
    /// The operations of a client.
    pub operations: Vec<Operation>,
    /// Sets of options, by name.
    pub options: BTreeMap<String, BTreeMap<String, Parameter>>,
    /// The words of each enumeration, and what each means.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// The settings of a client.
    pub client: BTreeMap<String, Parameter>,
    /// The fields of a retry policy.
    pub retry: BTreeMap<String, Parameter>,
    /// The types of results, and what each field means.
    pub types: BTreeMap<String, BTreeMap<String, String>>,
    /// The kinds of errors, and what each means.
    pub error_kinds: BTreeMap<String, String>,
    /// The fields of an error.
    pub error_fields: BTreeMap<String, String>,
}

/// An operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its name, in snake case.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// Its required arguments.
    #[serde(default)]
    pub arguments: BTreeMap<String, Parameter>,
    /// The sets of options that it accepts.
    #[serde(default)]
    pub options: Vec<String>,
    /// The type of its result, if any.
    #[serde(default)]
    pub result: Option<String>,
    /// Whether it returns several of them.
    #[serde(default)]
    pub many: bool,
    /// Whether it needs no client.
    #[serde(default)]
    pub free: bool,
}

/// An argument, an option or a setting.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its type: one of those that [`Api::fits`] knows, or one of `words`.
    #[serde(rename = "type")]
    pub of: String,
    /// The default. Without one it is absent, or the client's own setting.
    #[serde(default)]
    pub default: Option<Value>,
    /// What it means, with its unit and limits.
    pub doc: String,
}

impl Api {
    /// The surface, as this crate holds it.
    ///
    /// # Errors
    /// If `api.json` isn't one.
    pub fn load() -> Result<Self> {
        serde_json::from_str(include_str!("../api.json"))
            .map_err(|cause| format!("api.json: {cause}"))
    }

    /// Returns the operation with that name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .find(|operation| operation.name == name)
    }

    /// Returns the options of an operation, from all its sets.
    #[must_use]
    pub fn options_of(&self, operation: &Operation) -> BTreeMap<&str, &Parameter> {
        operation
            .options
            .iter()
            .filter_map(|set| self.options.get(set))
            .flatten()
            .map(|(name, option)| (name.as_str(), option))
            .collect()
    }

    /// Returns whether `value` can be one of the type, as scenarios write it; `None` for an unknown
    /// type. Values that a language must reject, such as an unknown word, are allowed.
    #[must_use]
    pub fn fits(&self, of: &str, value: &Value) -> Option<bool> {
        let texts = |value: &Value| {
            value
                .as_array()
                .is_some_and(|items| items.iter().all(Value::is_string))
        };
        let items = |value: &Value, subject: &str| {
            value.as_array().is_some_and(|items| {
                items.iter().all(|item| {
                    item.is_string()
                        || item.as_object().is_some_and(|item| {
                            item.contains_key(subject)
                                && item
                                    .keys()
                                    .all(|key| [subject, "name", "keyvalues"].contains(&&**key))
                        })
                })
            })
        };
        Some(match of {
            "text" | "name" | "path" | "cid" | "id" | "gateway" => value.is_string(),
            "texts" | "ids" | "stream" | "gateways" => texts(value),
            "file_items" => items(value, "path"),
            "cid_items" => items(value, "cid"),
            "count" | "milliseconds" => value.is_u64(),
            "flag" => value.is_boolean(),
            "json" => true,
            "listener" | "fetch_listener" => value == &Value::Bool(true),
            "bytes" => value.is_string() || value.is_object(),
            "folder" => value.is_string() || has_only(value, &["files"]),
            "content" => ["path", "bytes", "files"]
                .iter()
                .any(|key| has_only(value, &[key])),
            "prepared" => has_only(value, &["bytes"]),
            "pairs" => value
                .as_object()
                .is_some_and(|pairs| pairs.values().all(Value::is_string)),
            "retry" => has_only(value, &["attempts"]),
            "credentials" | "rate_limit" => false,
            words => self.words.contains_key(words).then(|| value.is_string())?,
        })
    }
}

fn has_only(value: &Value, keys: &[&str]) -> bool {
    value
        .as_object()
        .is_some_and(|object| object.keys().eq(keys.iter().copied()))
}
