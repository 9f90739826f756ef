//! The IPFS Pinning Service API, over the same pins: <https://ipfs.github.io/pinning-services-api-spec/>.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, Uri};
use uuid::Uuid;
use w3pin_core::Cid;

mod bearer;
mod failure;
mod pin;
mod search;
mod status;

pub(super) use self::failure::failure;
use self::{bearer::Bearer, pin::parse_pin, search::parse_search, status::StatusView};
use super::{
    caller::{Caller, PinPath},
    page::{Page, PageFormat},
};
use crate::{
    app::App,
    body::read_short,
    envelope::{Refusal, json},
    error::StoreError,
    records::{Metadata, PinRecord},
};

/// The base path of the API.
const ROOT: &str = "/psa";

/// Returns whether a path belongs to this API.
pub(super) fn is_of(path: &str) -> bool {
    path.strip_prefix(ROOT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn router() -> Router<Arc<App>> {
    let pins = get(list).post(add);
    let pin = get(show).post(replace).delete(remove);
    Router::new()
        .route("/psa/pins", pins.clone())
        .route("/psa/pins/", pins)
        .route("/psa/pins/{request_id}", pin.clone())
        .route("/psa/pins/{request_id}/", pin)
}

/// `GET /pins`: returns the pins that match a query, the newest first.
async fn list(
    Bearer(caller): Bearer,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let search = parse_search(&uri)?;
    let delegates = app.delegates().await;
    let (first, page) = app
        .search(caller.party(), move |app, effort| {
            let each = || effort.check();
            let found = app.store.records.search(caller.account, &search, &each)?;
            let text = format!("{{\"count\":{},\"results\":[", found.count);
            let format = PageFormat {
                write: Box::new(move |record, text| {
                    serde_json::to_writer(text, &StatusView::of(record, &delegates))
                }),
                end: "]}",
            };
            Page::begin(app, caller, found.pins, format, text)
        })
        .await?;
    Ok(page.answer(app, first))
}

/// `POST /pins`: pins content by its CID.
async fn add(
    Bearer(caller): Bearer,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let body = read_short(request, &app.limits).await?;
    accept(&app, caller, body, None).await
}

/// Pins the content in a body, replacing another pin if given.
async fn accept(
    app: &Arc<App>,
    caller: Caller,
    body: Vec<u8>,
    replaced: Option<Uuid>,
) -> Result<Response, Refusal> {
    let parse = |app: &App, body: &[u8]| parse_pin(body, app.limits.field_bytes);
    let change = move |app: &App, (cid, metadata): (Cid, Metadata)| {
        Ok(app
            .store
            .pin_another(caller.account, &cid, metadata, replaced)?)
    };
    let record = app.write_body(caller.party(), body, parse, change).await?;
    Ok(answer(app, StatusCode::ACCEPTED, &record).await)
}

/// `POST /pins/{requestid}`: replaces a pin by a new one.
async fn replace(
    Bearer(caller): Bearer,
    PinPath(id): PinPath,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let body = read_short(request, &app.limits).await?;
    accept(&app, caller, body, Some(id)).await
}

/// `GET /pins/{requestid}`: returns a pin.
async fn show(
    Bearer(caller): Bearer,
    PinPath(id): PinPath,
    State(app): State<Arc<App>>,
) -> Result<Response, Refusal> {
    let record = app
        .read(caller.party(), move |app| {
            let record = app.store.records.pin(caller.account, id)?;
            // Removed pins don't exist in this API.
            let live = Some(record).filter(|record| record.unpinned.is_none());
            live.ok_or_else(|| StoreError::NotFound.into())
        })
        .await?;
    Ok(answer(&app, StatusCode::OK, &record).await)
}

/// `DELETE /pins/{requestid}`: removes a pin.
async fn remove(
    Bearer(caller): Bearer,
    PinPath(id): PinPath,
    State(app): State<Arc<App>>,
) -> Result<Response, Refusal> {
    app.write(caller.party(), move |app| {
        Ok(app.store.unpin(caller.account, id)?)
    })
    .await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn answer(app: &App, status: StatusCode, record: &PinRecord) -> Response {
    json(status, &StatusView::of(record, &app.delegates().await))
}
