//! `api.json`: what there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::Result;

/// The surface that every face has, in its language's spelling.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The faces there are. Each writes what it has and ran to `target/parity/FACE.json`.
    pub faces: Vec<String>,
    /// What a client can do.
    pub operations: Vec<Operation>,
    /// Sets of options, by the name that operations call them.
    pub options: BTreeMap<String, BTreeMap<String, OptionType>>,
    /// The words of each type that is one of a few, by the type's name.
    pub words: BTreeMap<String, Vec<String>>,
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
    /// What it must be given, with its type.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
    /// The sets of options that it takes.
    #[serde(default)]
    pub options: Vec<String>,
    /// The type it gives, if it gives one.
    #[serde(default)]
    pub result: Option<String>,
    /// Whether it gives many of them.
    #[serde(default)]
    pub many: bool,
}

/// What an option takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionType {
    /// Its type: one of those that [`Api::fits`] knows, or one of `words`.
    #[serde(rename = "type")]
    pub of: String,
    /// What it is where it isn't set. Without one it is absent, or the client's own setting.
    #[serde(default)]
    pub default: Option<Value>,
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

    /// The operation of that name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .find(|operation| operation.name == name)
    }

    /// The options that an operation takes, of all its sets.
    #[must_use]
    pub fn options_of(&self, operation: &Operation) -> BTreeMap<&str, &OptionType> {
        operation
            .options
            .iter()
            .filter_map(|set| self.options.get(set))
            .flatten()
            .map(|(name, option)| (name.as_str(), option))
            .collect()
    }

    /// Whether `value` can be one of the type, as scenarios write it; `None` for a type that there
    /// isn't. What a face must refuse, such as a word that isn't one, can be written all the same.
    #[must_use]
    pub fn fits(&self, of: &str, value: &Value) -> Option<bool> {
        let texts = |value: &Value| {
            value
                .as_array()
                .is_some_and(|items| items.iter().all(Value::is_string))
        };
        Some(match of {
            "text" | "path" | "cid" | "id" | "gateway" => value.is_string(),
            "paths" | "cids" | "ids" | "stream" => texts(value),
            "count" | "milliseconds" => value.is_u64(),
            "flag" => value.is_boolean(),
            "json" => true,
            "listener" => value == &Value::Bool(true),
            "bytes" => value.is_string() || value.is_object(),
            "content" => has_only(value, &["path"]) || has_only(value, &["bytes"]),
            "pairs" => value
                .as_object()
                .is_some_and(|pairs| pairs.values().all(Value::is_string)),
            "retry" => has_only(value, &["attempts"]),
            words => self.words.contains_key(words).then(|| value.is_string())?,
        })
    }
}

fn has_only(value: &Value, keys: &[&str]) -> bool {
    value
        .as_object()
        .is_some_and(|object| object.keys().eq(keys.iter().copied()))
}
