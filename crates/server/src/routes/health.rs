use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{
    app::App,
    connections::Peer,
    envelope::{Refusal, json},
};

/// `GET /health`: returns whether the server works, without credentials, and nothing about what it
/// stores. A server that fails has to be restarted; a full disk or a node that is away is no such failure.
pub(super) async fn health(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let who = Peer::party_of(request.extensions());
    app.read(who, |app| {
        app.store.records.check().map_err(|cause| {
            tracing::error!(%cause, "the server isn't healthy");
            let message = "the records can't be used; restart the server";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
        })
    })
    .await?;
    let healthy = serde_json::json!({ "message": "the server works", "status": "success" });
    Ok(json(StatusCode::OK, &healthy))
}
