use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    caller::{Caller, PinPath},
    pin_view::PinView,
};
use crate::{
    app::App,
    envelope::{Refusal, success},
};

/// `GET /:pinId`: returns a pin.
pub(super) async fn get_pin(
    caller: Caller,
    PinPath(id): PinPath,
    State(app): State<Arc<App>>,
) -> Result<Response, Refusal> {
    let record = app
        .read(caller.party(), move |app| {
            Ok(app.store.records.pin(caller.account, id)?)
        })
        .await?;
    Ok(success(StatusCode::OK, PinView::as_kept(&record)))
}
