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

/// `DELETE /unpin/:pinId`: removes a pin. A pin that was removed before is treated as unknown.
pub(super) async fn unpin(
    caller: Caller,
    PinPath(id): PinPath,
    State(app): State<Arc<App>>,
) -> Result<Response, Refusal> {
    let record = app
        .write(caller.party(), move |app| {
            Ok(app.store.unpin(caller.account, id)?)
        })
        .await?;
    Ok(success(StatusCode::OK, PinView::as_kept(&record)))
}
