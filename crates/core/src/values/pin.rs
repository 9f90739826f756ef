//! A pin as described by the service.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::{
    Cid, Credentials, Gateway, PinId, Verification, values::metadata::ATTEMPT, wire::lenient,
};

/// Content that the service stores, or was asked to store, for the account.
///
/// Fields that the service omits or fills with zeros are `None`. Undocumented fields are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pin {
    /// The pin's id.
    pub id: PinId,
    /// The CID of the content's root, as the service returned it.
    pub cid: Cid,
    /// The name shown in listings.
    pub name: Option<String>,
    /// The size in bytes, as the service accounts for it, which isn't the file's length.
    pub size: Option<u64>,
    /// The state of the pin: PENDING, RETRIEVAL, DONE, or another value of the service.
    pub status: PinStatus,
    /// Whether the content is currently pinned.
    pub pinned: bool,
    /// Whether the content was pinned by its CID rather than uploaded.
    pub is_pin_by_hash: bool,
    /// Whether the content is a folder.
    pub is_dir: bool,
    /// When the content was pinned.
    #[serde(with = "time::serde::rfc3339::option")]
    pub date_pinned: Option<OffsetDateTime>,
    /// When the content was unpinned.
    #[serde(with = "time::serde::rfc3339::option")]
    pub date_unpinned: Option<OffsetDateTime>,
    /// The caller's own key-values.
    pub keyvalues: BTreeMap<String, String>,
    /// The type of file that the service detected.
    pub file_type: Option<String>,
    /// The state of the blocks below the root.
    pub sub_hash_status: Option<PinStatus>,
    /// The id of the service's record of the content.
    pub file_record_id: Option<String>,
    /// The service's own hash of the content, which isn't always that of the CID.
    pub root_hash: Option<String>,
    /// The id of the account.
    pub user_id: Option<String>,
    /// Whether the pin existed before the call that returned it.
    pub already_pinned: bool,
    /// What the call that returned the pin proved about the content.
    pub verification: Verification,
    /// The mark of the upload that created it.
    #[serde(skip)]
    pub(crate) attempt: Option<Box<str>>,
}

impl Pin {
    /// Creates a pin with otherwise empty fields, for tests and bindings.
    #[must_use]
    pub fn new(id: PinId, cid: Cid) -> Self {
        Self {
            id,
            cid,
            name: None,
            size: None,
            status: PinStatus::Other(String::new()),
            pinned: false,
            is_pin_by_hash: false,
            is_dir: false,
            date_pinned: None,
            date_unpinned: None,
            keyvalues: BTreeMap::new(),
            file_type: None,
            sub_hash_status: None,
            file_record_id: None,
            root_hash: None,
            user_id: None,
            already_pinned: false,
            verification: Verification::Unchecked,
            attempt: None,
        }
    }

    /// The content's IPFS URL, `ipfs://CID`.
    #[must_use]
    pub fn ipfs_url(&self) -> String {
        format!("ipfs://{}", self.cid)
    }

    /// The content's URL at a gateway, for a browser.
    #[must_use]
    pub fn gateway_url(&self, gateway: &Gateway) -> String {
        format!("{gateway}/ipfs/{}", self.cid)
    }

    /// Returns whether the service has the content, as far as its response says: the pin is
    /// [live](Self::is_live) and doesn't wait for content from the network.
    #[must_use]
    pub fn has_content(&self) -> bool {
        let arrived = self.pinned || self.status == PinStatus::Done;
        let uploaded = !self.is_pin_by_hash && self.status != PinStatus::Retrieval;
        self.is_live() && (arrived || uploaded)
    }

    /// Returns whether the service stores this content or is about to, as far as its response says:
    /// the pin wasn't removed and hasn't failed. A new upload is live before it is
    /// [`pinned`](Self::pinned).
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.date_unpinned.is_none()
            && !self.status.is_failure()
            && (self.pinned || self.status != PinStatus::Done)
    }

    /// Redacts the keys or the token in the service's texts.
    pub(crate) fn redact(&mut self, credentials: &Credentials) {
        if let PinStatus::Other(word) = &mut self.status {
            *word = credentials.redact(word).into_owned();
        }
    }
}

/// The status of a pin. Unknown values are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PinStatus {
    /// Uploaded, and waiting to be pinned.
    Pending,
    /// Being fetched from the network by its CID.
    Retrieval,
    /// Pinned.
    Done,
    /// A status that this version doesn't know.
    Other(String),
}

impl PinStatus {
    /// Returns the service's own word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Retrieval => "RETRIEVAL",
            Self::Done => "DONE",
            Self::Other(word) => word,
        }
    }

    /// Returns whether the word means a failure. The exact word isn't documented, so any that
    /// contains "fail" or "error" counts.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let Self::Other(word) = self else {
            return false;
        };
        let word = word.to_lowercase();
        ["fail", "error", "reject", "cancel"]
            .iter()
            .any(|sign| word.contains(sign))
    }
}

impl From<&str> for PinStatus {
    fn from(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "RETRIEVAL" => Self::Retrieval,
            "DONE" => Self::Done,
            _ => Self::Other(word.to_owned()),
        }
    }
}

impl From<String> for PinStatus {
    fn from(word: String) -> Self {
        word.as_str().into()
    }
}

impl fmt::Display for PinStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PinStatus {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(input)?;
        let mut metadata = wire.metadata.unwrap_or_default();
        let attempt = metadata.keyvalues.remove(ATTEMPT);
        Ok(Self {
            id: wire.id,
            cid: wire.cid,
            name: metadata.name,
            size: wire.size,
            status: wire.status.unwrap_or_else(|| "".into()),
            pinned: wire.pinned,
            is_pin_by_hash: wire.is_pin_by_hash,
            is_dir: wire.is_dir,
            date_pinned: wire.date_pinned,
            date_unpinned: wire.date_unpinned,
            keyvalues: metadata.keyvalues,
            file_type: metadata.file_type,
            sub_hash_status: wire.sub_hash_status,
            file_record_id: wire.file_record_id,
            root_hash: wire.root_hash,
            user_id: wire.user_id,
            already_pinned: false,
            verification: Verification::Unchecked,
            attempt: attempt.map(String::into_boxed_str),
        })
    }
}

#[derive(Deserialize)]
struct Wire {
    id: PinId,
    cid: Cid,
    #[serde(default, deserialize_with = "lenient::number")]
    size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<PinStatus>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pinned: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_pin_by_hash: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_dir: bool,
    #[serde(default, deserialize_with = "lenient::date")]
    date_pinned: Option<OffsetDateTime>,
    #[serde(default, deserialize_with = "lenient::date")]
    date_unpinned: Option<OffsetDateTime>,
    #[serde(default)]
    metadata: Option<WireMetadata>,
    #[serde(default, deserialize_with = "lenient::text")]
    sub_hash_status: Option<PinStatus>,
    #[serde(default, deserialize_with = "lenient::uuid")]
    file_record_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    root_hash: Option<String>,
    #[serde(default, deserialize_with = "lenient::uuid")]
    user_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct WireMetadata {
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    file_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    keyvalues: BTreeMap<String, String>,
}
