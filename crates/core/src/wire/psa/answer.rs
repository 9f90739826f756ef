//! The responses, as core's own values and errors.

use std::collections::BTreeMap;

use http::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::{
    Cid, Error, ErrorKind, Page, Pin, PinId, PinStatus, Result, printable,
    values::metadata::ATTEMPT,
    wire::{envelope, lenient},
};

/// The pin that a response shows.
pub(crate) fn pin(response: &Response<&[u8]>) -> Result<Pin> {
    let wire: PinObject = value(response)?;
    Ok(wire.into())
}

/// The page of a listing.
pub(crate) fn page(response: &Response<&[u8]>) -> Result<Page> {
    #[derive(Deserialize)]
    struct PinResults<'a> {
        #[serde(default, deserialize_with = "lenient::number")]
        count: Option<u64>,
        #[serde(borrow)]
        results: Vec<&'a RawValue>,
    }
    let wire: PinResults<'_> = value(response)?;
    let mut page = Page::of_entries(&wire.results, |entry| {
        let wire: Option<PinObject> = serde_json::from_str(entry)?;
        Ok(wire.map(Pin::from))
    });
    page.totals.files = wire.count;
    Ok(page)
}

/// A refusal in words that fit this API.
pub(crate) fn worded(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Authentication => error.with_reason(
            "the service rejected the token; check that it is complete, hasn't expired, and belongs to \
             this endpoint",
        ),
        ErrorKind::NotFound => error.with_reason(
            "the service doesn't know this pin; check its id, and that the endpoint is the URL before /pins",
        ),
        _ => error,
    }
}

fn value<'a, T: Deserialize<'a>>(response: &Response<&'a [u8]>) -> Result<T> {
    let body: &'a [u8] = response.body();
    envelope::value(response.status(), response.headers(), body)
}

/// A pin object with its status.
#[derive(Deserialize)]
struct PinObject {
    requestid: PinId,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::date")]
    created: Option<OffsetDateTime>,
    pin: Content,
    #[serde(default, deserialize_with = "lenient::texts")]
    info: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Content {
    cid: Cid,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    meta: BTreeMap<String, String>,
}

impl From<PinObject> for Pin {
    fn from(wire: PinObject) -> Self {
        let mut pin = Self::new(wire.requestid, wire.pin.cid);
        let word = wire.status.unwrap_or_default();
        pin.status = match (word.as_str(), wire.info.get("status_details")) {
            ("queued", _) => PinStatus::Pending,
            ("pinning", _) => PinStatus::Retrieval,
            ("pinned", _) => PinStatus::Done,
            ("failed", Some(details)) => {
                PinStatus::Other(format!("FAILED: {}", printable(details)))
            }
            ("failed", None) => PinStatus::Other("FAILED".to_owned()),
            _ => PinStatus::Other(word),
        };
        pin.pinned = pin.status == PinStatus::Done;
        pin.is_pin_by_hash = true;
        pin.date_pinned = wire.created;
        pin.name = wire.pin.name;
        pin.keyvalues = wire.pin.meta;
        pin.attempt = pin.keyvalues.remove(ATTEMPT).map(String::into_boxed_str);
        pin.size = wire.info.get("dag_size").and_then(|size| size.parse().ok());
        pin
    }
}
