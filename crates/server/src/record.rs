//! A pin as it is kept, and as the API shows it.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::engine::DagShape;

/// What is kept of a pin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
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
}

/// How far content is that a node is to pin.
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

impl Waiting {
    /// The word of the API. A failure has none in the API's documentation, so its text goes along,
    /// where every client shows it.
    fn status(&self) -> Cow<'static, str> {
        match self {
            Self::Queued => "PENDING".into(),
            Self::Retrieving => "RETRIEVAL".into(),
            Self::Failed(reason) => format!("FAILED: {reason}").into(),
        }
    }
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

impl Record {
    /// Whether all its blocks are here, and it holds them.
    pub(crate) fn pinned(&self) -> bool {
        self.size.is_some() && self.unpinned.is_none()
    }

    /// Notes that all its blocks are here.
    pub(crate) fn complete(&mut self, shape: DagShape) {
        self.size = Some(shape.size);
        self.is_dir = shape.is_dir;
        self.waiting = None;
    }

    /// As the service answers when it has just taken the pin: not there yet.
    pub(crate) fn as_accepted(&self) -> PinView<'_> {
        PinView {
            file_record_id: Uuid::nil(),
            size: None,
            date_pinned: rfc3339(self.created, 9),
            pinned: false,
            status: if self.by_cid { "RETRIEVAL" } else { "PENDING" }.into(),
            ..self.as_kept()
        }
    }

    /// As the service answers from then on.
    pub(crate) fn as_kept(&self) -> PinView<'_> {
        let complete = self.size.is_some();
        PinView {
            id: self.id,
            file_record_id: if complete {
                self.file_record
            } else {
                Uuid::nil()
            },
            root_hash: &self.root_hash,
            cid: &self.cid,
            size: self.size,
            user_id: self.account,
            date_pinned: rfc3339(self.created, 6),
            date_unpinned: self
                .unpinned
                .map_or_else(zero_time, |time| rfc3339(time, 6)),
            pinned: self.pinned(),
            is_pin_by_hash: self.by_cid,
            sub_hash_status: (!self.by_cid).then_some("DONE"),
            is_dir: self.is_dir,
            metadata: &self.metadata,
            status: match &self.waiting {
                _ if complete => "DONE".into(),
                Some(waiting) => waiting.status(),
                None => "RETRIEVAL".into(),
            },
        }
    }
}

/// A pin with the field names of the API page.
#[derive(Serialize)]
pub(crate) struct PinView<'a> {
    id: Uuid,
    file_record_id: Uuid,
    root_hash: &'a str,
    cid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    user_id: Uuid,
    date_pinned: String,
    date_unpinned: String,
    pinned: bool,
    is_pin_by_hash: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_hash_status: Option<&'static str>,
    is_dir: bool,
    metadata: &'a Metadata,
    status: Cow<'static, str>,
}

/// The current time as a record keeps it.
pub(crate) fn now() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos()).unwrap_or(i64::MAX)
}

/// What the service writes where there is no date.
fn zero_time() -> String {
    "0001-01-01T00:00:00Z".to_owned()
}

fn rfc3339(nanoseconds: i64, digits: usize) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds.into())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let fraction = format!("{:09}", time.nanosecond());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        &fraction[..digits],
    )
}
