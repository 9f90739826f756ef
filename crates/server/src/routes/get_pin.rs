use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{App, Caller, PinPath, ask};
use crate::envelope::{Refusal, success};

/// `GET /:pinId`: shows a pin.
pub(super) async fn get_pin(
    Caller(account): Caller,
    PinPath(id): PinPath,
    State(app): State<Arc<App>>,
) -> Result<Response, Refusal> {
    let record = ask(&app, move |app| Ok(app.store.pin(account, id)?)).await?;
    Ok(success(StatusCode::OK, record.as_kept()))
}
