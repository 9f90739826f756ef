use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    records::{PinRecord, State},
    routes::pin_view::rfc3339,
};

/// A pin in the format of this API.
#[derive(Serialize)]
pub(super) struct StatusView<'a> {
    requestid: Uuid,
    status: &'static str,
    created: String,
    pin: PinOf<'a>,
    delegates: &'a [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    info: BTreeMap<&'static str, Cow<'a, str>>,
}

#[derive(Serialize)]
struct PinOf<'a> {
    cid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    meta: BTreeMap<&'a str, Cow<'a, str>>,
}

impl<'a> StatusView<'a> {
    pub(super) fn of(record: &'a PinRecord, delegates: &'a [String]) -> Self {
        let size = record.size.map(|size| size.to_string().into());
        let info = [("status_details", record.failure()), ("dag_size", size)];
        Self {
            requestid: record.id,
            status: word(record.state()),
            created: created(record),
            pin: PinOf {
                cid: &record.cid,
                name: record.metadata.name.as_deref(),
                meta: record.metadata.texts().collect(),
            },
            delegates,
            info: info
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        }
    }
}

/// Returns the API's word for a state.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Pinning => "pinning",
        State::Pinned => "pinned",
        State::Failed => "failed",
    }
}

/// Returns the exact creation time, since clients page by it. Most languages support milliseconds
/// exactly.
fn created(record: &PinRecord) -> String {
    let is_of_milliseconds = record.created % 1_000_000 == 0;
    rfc3339(record.created, if is_of_milliseconds { 3 } else { 9 })
}
