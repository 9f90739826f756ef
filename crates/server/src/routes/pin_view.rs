//! The JSON form of a pin.

use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;
use w3pin_core::PinStatus;

use crate::records::{Metadata, PinRecord, Waiting};

/// A pin with the API's field names.
#[derive(Serialize)]
pub(super) struct PinView<'a> {
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
    sub_hash_status: Option<PinStatus>,
    is_dir: bool,
    metadata: &'a Metadata,
    status: PinStatus,
}

impl<'a> PinView<'a> {
    /// Returns the view of a pin that was just accepted, which the service shows as pending.
    pub(super) fn as_accepted(record: &'a PinRecord) -> Self {
        Self {
            file_record_id: Uuid::nil(),
            size: None,
            date_pinned: rfc3339(record.created, 9),
            pinned: false,
            status: if record.by_cid {
                PinStatus::Retrieval
            } else {
                PinStatus::Pending
            },
            ..Self::as_kept(record)
        }
    }

    /// Returns the view of a pin from then on.
    pub(super) fn as_kept(record: &'a PinRecord) -> Self {
        let complete = record.size.is_some();
        Self {
            id: record.id,
            file_record_id: if complete {
                record.file_record
            } else {
                Uuid::nil()
            },
            root_hash: &record.root_hash,
            cid: &record.cid,
            size: record.size,
            user_id: record.account,
            date_pinned: rfc3339(record.created, 6),
            date_unpinned: record
                .unpinned
                .map_or_else(zero_time, |time| rfc3339(time, 6)),
            pinned: record.pinned(),
            is_pin_by_hash: record.by_cid,
            sub_hash_status: (!record.by_cid).then_some(PinStatus::Done),
            is_dir: record.is_dir,
            metadata: &record.metadata,
            status: status(record),
        }
    }
}

fn status(record: &PinRecord) -> PinStatus {
    // The API has no status for failures, so the reason is part of what every client shows.
    if let Some(reason) = record.failure() {
        return PinStatus::Other(format!("FAILED: {reason}"));
    }
    match &record.waiting {
        _ if record.size.is_some() => PinStatus::Done,
        Some(Waiting::Queued) => PinStatus::Pending,
        _ => PinStatus::Retrieval,
    }
}

/// Returns the time that the service uses for "no date".
fn zero_time() -> String {
    "0001-01-01T00:00:00Z".to_owned()
}

pub(super) fn rfc3339(nanoseconds: i64, digits: usize) -> String {
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
