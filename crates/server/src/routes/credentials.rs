use axum::response::Response;
use http::StatusCode;

use super::caller::Caller;
use crate::envelope::json;

/// `GET /api/apiKeys/testAuthentication`: says whether the keys are good.
pub(super) async fn check(_: Caller) -> Response {
    json(
        StatusCode::OK,
        &serde_json::json!({ "message": "authentication successful", "status": "success" }),
    )
}
