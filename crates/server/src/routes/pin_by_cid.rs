use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use w3pin_core::Cid;

use super::{caller::Caller, metadata::parse_metadata, pin_view::PinView};
use crate::{
    app::App,
    body::read_short,
    envelope::{Refusal, success},
    records::Metadata,
};

#[derive(Deserialize)]
struct PinByCid {
    hash_to_pin: Option<String>,
    metadata: Option<Value>,
}

/// `POST /pinByHash`: pins content by its CID.
pub(super) async fn pin_by_cid(
    caller: Caller,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let body = read_short(request, &app.limits).await?;
    let parse = |app: &App, body: &[u8]| parse(body, app.limits.field_bytes);
    let change = move |app: &App, (cid, metadata): (Cid, Metadata)| {
        Ok(app.store.pin_by_cid(caller.account, &cid, metadata)?)
    };
    let record = app.write_body(caller.party(), body, parse, change).await?;
    Ok(success(StatusCode::OK, PinView::as_accepted(&record)))
}

/// Parses the CID and the metadata.
fn parse(body: &[u8], limit: usize) -> Result<(Cid, Metadata), Refusal> {
    let body: PinByCid = serde_json::from_slice(body)
        .map_err(|cause| Refusal::bad_request(format!("invalid request body: {cause}")))?;
    let Some(given) = body.hash_to_pin else {
        return Err(Refusal::bad_request("invalid cid: hash_to_pin is missing"));
    };
    let cid: Cid = given
        .parse()
        .map_err(|cause| Refusal::bad_request(format!("invalid cid: {cause}")))?;
    let mut metadata = metadata(body.metadata, limit)?;
    metadata.name.get_or_insert(given);
    Ok((cid, metadata))
}

/// Parses metadata: an object, as in the API's example, or the same as a JSON string, as in its
/// description.
fn metadata(json: Option<Value>, limit: usize) -> Result<Metadata, Refusal> {
    match json {
        None | Some(Value::Null) => Ok(Metadata::default()),
        Some(Value::String(text)) if text.is_empty() => Ok(Metadata::default()),
        Some(Value::String(text)) => match serde_json::from_str(&text) {
            Ok(json) => parse_metadata(json, limit),
            Err(cause) => Err(Refusal::bad_request(format!(
                "metadata isn't JSON: {cause}"
            ))),
        },
        Some(json) => parse_metadata(json, limit),
    }
}
