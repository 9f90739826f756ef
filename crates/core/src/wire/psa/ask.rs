//! The requests: path below the endpoint, and body.

use std::collections::BTreeMap;

use serde::Serialize;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use url::form_urlencoded;

use crate::{
    Cid, Error, Json, ListOptions, Metadata, PinId, PinnedFilter, RequestBody, Result, SortBy,
    SortOrder,
};

/// The most pins of a page.
pub(crate) const LARGEST_PAGE: u32 = 1000;
/// The most characters of a name.
const LONGEST_NAME: usize = 255;

/// What to send.
type Ask = (String, RequestBody);

/// An operation that the API hasn't.
pub(crate) fn nothing(operation: &str) -> Error {
    Error::invalid_input(
        "api",
        format!("the Pinning Service API has no {operation}; use a service whose api is w3ipfs"),
    )
}

/// `POST /pins`
pub(crate) fn pin_by_cid(cid: &Cid, metadata: &Metadata) -> Result<Ask> {
    #[derive(Serialize)]
    struct Pin<'a> {
        cid: &'a Cid,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        meta: &'a BTreeMap<String, String>,
    }
    let name = metadata.name.as_deref();
    if name.is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        let reason = format!("the name has more than {LONGEST_NAME} characters; shorten it");
        return Err(Error::invalid_input("name", reason));
    }
    let meta = &metadata.keyvalues;
    let body = serde_json::json!(Pin { cid, name, meta }).to_string();
    Ok(("/pins".to_owned(), Json(body.into()).into()))
}

/// `GET /pins/{requestid}`, or `DELETE`
pub(crate) fn pin(id: &PinId) -> Ask {
    (format!("/pins/{}", id.as_segment()), RequestBody::Empty)
}

/// `GET /pins`
pub(crate) fn list(options: &ListOptions) -> Result<Ask> {
    let limit = options.page_limit().get();
    if options.offset > 0 {
        return Err(refuse("offset", "doesn't support an offset; leave it out"));
    }
    if options.sort_by != SortBy::CreatedAt {
        return Err(refuse("sort_by", "sorts by created_at only"));
    }
    if options.sort_order != SortOrder::Descending {
        return Err(refuse("sort_order", "lists the newest pins first only"));
    }
    if limit > LARGEST_PAGE {
        return Err(refuse("limit", "returns at most 1000 pins per page"));
    }
    let status = match options.pinned {
        // Without any, a service lists what is pinned.
        PinnedFilter::All => "queued,pinning,pinned,failed",
        PinnedFilter::Pinned => "pinned",
        PinnedFilter::Unpinned => "queued,pinning,failed",
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("status", status)
        .append_pair("limit", &limit.to_string());
    if let Some(before) = options.before {
        query.append_pair("before", &rfc3339(before)?);
    }
    if !options.cids.is_empty() {
        let cids: Vec<&str> = options.cids.iter().map(Cid::as_str).collect();
        query.append_pair("cid", &cids.join(","));
    }
    if !options.keyvalues.is_empty() {
        let meta = serde_json::json!(options.keyvalues).to_string();
        query.append_pair("meta", &meta);
    }
    let path = format!("/pins?{}", query.finish());
    Ok((path, RequestBody::Empty))
}

fn refuse(field: &'static str, reason: &str) -> Error {
    Error::invalid_input(field, format!("the Pinning Service API {reason}"))
}

/// In UTC, since services read it best that way.
fn rfc3339(time: OffsetDateTime) -> Result<String> {
    let utc = time.checked_to_offset(UtcOffset::UTC);
    utc.and_then(|utc| utc.format(&Rfc3339).ok())
        .ok_or_else(|| refuse("before", "can't express this time"))
}
