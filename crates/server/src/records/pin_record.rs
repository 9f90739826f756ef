//! A pin as it is kept.

use std::{borrow::Cow, collections::BTreeMap};

use cid::Cid;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::dag_shape::DagShape;

/// What is kept of a pin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PinRecord {
    pub(crate) id: Uuid,
    pub(crate) account: Uuid,
    pub(crate) file_record: Uuid,
    /// The CID as it was given or first made.
    pub(crate) cid: String,
    /// Hex of the multihash.
    pub(crate) root_hash: String,
    pub(crate) by_cid: bool,
    pub(crate) is_dir: bool,
    /// Bytes of the DAG; none while it isn't here.
    pub(crate) size: Option<u64>,
    /// How far it is on its way here; none where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<Waiting>,
    pub(crate) metadata: Metadata,
    /// Unix time in nanoseconds.
    pub(crate) created: i64,
    pub(crate) unpinned: Option<i64>,
    /// A block of it that is damaged, as far as that is known.
    #[serde(skip)]
    pub(crate) damage: Option<String>,
}

/// How far content is that a node is to pin, or a source to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Waiting {
    /// Nobody works on it yet.
    Queued,
    /// Being fetched, or copied to as many peers as are wanted.
    Retrieving,
    /// Given up, and why.
    Failed(String),
}

/// What the API shows of a pin's name, type and pairs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Metadata {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) file_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) keyvalues: BTreeMap<String, serde_json::Value>,
}

/// How far a live pin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// It waits for its content, which nobody fetches.
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
    /// A value as text: those that aren't texts as JSON writes them.
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.keyvalues.get(key).map(text_of)
    }

    /// All pairs as texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let pairs = self.keyvalues.iter();
        pairs.map(|(key, value)| (&key[..], text_of(value)))
    }

    /// Bytes that it takes in a record.
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
    /// How far it is, unless it has ended.
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

    /// Why it has failed, if it has.
    pub(crate) fn failure(&self) -> Option<Cow<'_, str>> {
        if let Some(block) = &self.damage {
            let reason = format!(
                "its block {block} is damaged on the server; upload the content again to mend it"
            );
            return Some(reason.into());
        }
        match &self.waiting {
            Some(Waiting::Failed(reason)) if self.size.is_none() => Some(reason.into()),
            _ => None,
        }
    }

    /// Whether all its blocks are here, none is known to be damaged, and it holds them.
    pub(crate) fn pinned(&self) -> bool {
        self.size.is_some() && self.unpinned.is_none() && self.damage.is_none()
    }

    /// Whether it holds content that has come.
    pub(crate) fn is_complete(&self) -> bool {
        self.size.is_some() && self.unpinned.is_none()
    }

    /// Its CID, if everything in it is what a server could have written, or else what isn't.
    pub(crate) fn validate(&mut self, longest_metadata: usize) -> Result<Cid, &'static str> {
        let cid: w3pin_core::Cid = self.cid.parse().map_err(|_| "a pin without a CID")?;
        let cid = *cid.as_cid();
        if self.id.is_nil() {
            return Err("a pin without an id");
        }
        if self.root_hash != root_hash(&cid) {
            return Err("the root hash isn't that of the CID");
        }
        let is_scalar = |value: &serde_json::Value| !value.is_array() && !value.is_object();
        if !self.metadata.keyvalues.values().all(is_scalar) {
            return Err("the values in keyvalues must be strings, numbers or booleans");
        }
        if self.metadata.kept_bytes() > longest_metadata {
            return Err("its metadata is too long");
        }
        // How far a node was with it says nothing here.
        self.waiting = None;
        Ok(cid)
    }

    /// Notes that all its blocks are here.
    pub(crate) fn complete(&mut self, shape: DagShape) {
        self.size = Some(shape.size);
        self.is_dir = shape.is_dir;
        self.waiting = None;
    }
}

/// Hex of the multihash.
pub(super) fn root_hash(cid: &Cid) -> String {
    data_encoding::HEXLOWER.encode(&cid.hash().to_bytes())
}

/// The current time as a record keeps it.
pub(crate) fn now() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos()).unwrap_or(i64::MAX)
}
