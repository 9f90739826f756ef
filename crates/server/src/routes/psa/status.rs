use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    records::{PinRecord, State},
    routes::pin_view::rfc3339,
};

/// A pin as this API shows it.
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

/// The word for how far a pin is.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Pinning => "pinning",
        State::Pinned => "pinned",
        State::Failed => "failed",
    }
}

/// Exactly when a pin was made, since clients page by it. In most languages a millisecond is exact.
fn created(record: &PinRecord) -> String {
    let is_of_milliseconds = record.created % 1_000_000 == 0;
    rfc3339(record.created, if is_of_milliseconds { 3 } else { 9 })
}
