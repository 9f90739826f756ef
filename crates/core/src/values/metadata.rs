//! The name and key-values of a pin.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The key with which an upload marks its pin, to identify it if the response is lost.
/// [`Pin`](crate::Pin)s don't include it in their key-values.
pub(crate) const ATTEMPT: &str = "w3pin.attempt";

/// A name and key-values that the service stores with a pin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The name shown in listings; the service uses the file's own unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Key-values to find the pin by; keys and values are strings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keyvalues: BTreeMap<String, String>,
}

impl Metadata {
    /// Returns empty metadata.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a key-value.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.keyvalues.insert(key.into(), value.into());
        self
    }

    /// Returns whether there is no name and no key-value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.keyvalues.is_empty()
    }

    /// Rejects reserved and empty names and keys.
    pub(crate) fn check_own(&self) -> Result<()> {
        if self.keyvalues.contains_key(ATTEMPT) {
            return Err(Error::invalid_input(
                "keyvalues",
                format!("the key {ATTEMPT} is reserved; choose another"),
            ));
        }
        self.check()
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.name.as_deref() == Some("") {
            return Err(Error::invalid_input(
                "name",
                "the name is empty; leave it out or give one",
            ));
        }
        if self.keyvalues.keys().any(String::is_empty) {
            return Err(Error::invalid_input(
                "keyvalues",
                "a key of the metadata is empty",
            ));
        }
        Ok(())
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}
