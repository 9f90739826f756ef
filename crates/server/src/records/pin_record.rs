//! The stored form of a pin.

use std::{borrow::Cow, collections::BTreeMap};

use cid::Cid;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::dag_shape::DagShape;

/// The record of a pin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PinRecord {
    pub(crate) id: Uuid,
    pub(crate) account: Uuid,
    pub(crate) file_record: Uuid,
    /// The CID as it was given or first computed.
    pub(crate) cid: String,
    /// The multihash in hex.
    pub(crate) root_hash: String,
    pub(crate) by_cid: bool,
    pub(crate) is_dir: bool,
    /// The size of the DAG in bytes; `None` until it is here.
    pub(crate) size: Option<u64>,
    /// The state of its content; `None` if nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<Waiting>,
    pub(crate) metadata: Metadata,
    /// Unix time in nanoseconds.
    pub(crate) created: i64,
    pub(crate) unpinned: Option<i64>,
    /// A block that is known to be damaged.
    #[serde(skip)]
    pub(crate) damage: Option<String>,
}

/// The progress of content that a node should pin or a source should deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Waiting {
    /// Not started.
    Queued,
    /// Being fetched, or copied to the required number of peers.
    Retrieving,
    /// Given up, for this reason.
    Failed(String),
}

/// The name, type and key-values of a pin as shown by the API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Metadata {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) file_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) keyvalues: BTreeMap<String, serde_json::Value>,
}

/// The state of a live pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// Waiting for its content, which isn't being fetched.
    Queued,
    /// Its content is being fetched.
    Pinning,
    /// Its content is here.
    Pinned,
    /// Its content was given up, or is damaged.
    Failed,
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::Queued, Self::Pinning, Self::Pinned, Self::Failed];
}

impl Metadata {
    /// Returns a value as text; values other than strings are written as JSON.
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.keyvalues.get(key).map(text_of)
    }

    /// Returns all key-values as text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let pairs = self.keyvalues.iter();
        pairs.map(|(key, value)| (&key[..], text_of(value)))
    }

    /// Returns the size in a record in bytes.
    pub(crate) fn kept_bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }
}

fn text_of(value: &serde_json::Value) -> Cow<'_, str> {
    match value {
        serde_json::Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

impl PinRecord {
    /// Returns the state, disregarding removal.
    pub(crate) fn state(&self) -> State {
        if self.damage.is_some() {
            return State::Failed;
        }
        match &self.waiting {
            _ if self.size.is_some() => State::Pinned,
            Some(Waiting::Failed(_)) => State::Failed,
            Some(Waiting::Retrieving) => State::Pinning,
            Some(Waiting::Queued) | None => State::Queued,
        }
    }

    /// Returns why the pin has failed, if it has.
    pub(crate) fn failure(&self) -> Option<Cow<'_, str>> {
        if let Some(block) = &self.damage {
            let reason = format!(
                "block {block} is damaged on the server; upload the content again to repair it"
            );
            return Some(reason.into());
        }
        match &self.waiting {
            Some(Waiting::Failed(reason)) if self.size.is_none() => Some(reason.into()),
            _ => None,
        }
    }

    /// Returns whether all blocks are here, none is known to be damaged, and the pin isn't removed.
    pub(crate) fn pinned(&self) -> bool {
        self.size.is_some() && self.unpinned.is_none() && self.damage.is_none()
    }

    /// Returns whether the pin is live and its content has arrived.
    pub(crate) fn is_complete(&self) -> bool {
        self.size.is_some() && self.unpinned.is_none()
    }

    /// Returns the CID if everything in the record could have been written by a server, or else
    /// what is wrong.
    pub(crate) fn validate(&mut self, longest_metadata: usize) -> Result<Cid, &'static str> {
        let cid: w3pin_core::Cid = self.cid.parse().map_err(|_| "a pin has no CID")?;
        let cid = *cid.as_cid();
        if self.id.is_nil() {
            return Err("a pin has no ID");
        }
        if self.root_hash != root_hash(&cid) {
            return Err("the root hash doesn't match the CID");
        }
        let is_scalar = |value: &serde_json::Value| !value.is_array() && !value.is_object();
        if !self.metadata.keyvalues.values().all(is_scalar) {
            return Err("the values in keyvalues must be strings, numbers or booleans");
        }
        if self.metadata.kept_bytes() > longest_metadata {
            return Err("its metadata is too long");
        }
        // Another node's progress means nothing here.
        self.waiting = None;
        Ok(cid)
    }

    /// Records that all blocks are here.
    pub(crate) fn complete(&mut self, shape: DagShape) {
        self.size = Some(shape.size);
        self.is_dir = shape.is_dir;
        self.waiting = None;
    }
}

/// Returns the multihash in hex.
pub(super) fn root_hash(cid: &Cid) -> String {
    data_encoding::HEXLOWER.encode(&cid.hash().to_bytes())
}

/// Returns the current time as stored in records.
pub(crate) fn now() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos()).unwrap_or(i64::MAX)
}
