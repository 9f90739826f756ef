use axum::response::Response;
use http::{HeaderValue, StatusCode};
use w3pin_core::UPLOADS;

use super::caller::Caller;
use crate::envelope::json;

/// `GET /api/apiKeys/testAuthentication`: returns whether the keys are valid, and which uploads
/// besides files are accepted.
pub(super) async fn check(_: Caller) -> Response {
    let mut response = json(
        StatusCode::OK,
        &serde_json::json!({ "message": "authentication successful", "status": "success" }),
    );
    let uploads = HeaderValue::from_static("car");
    response.headers_mut().insert(UPLOADS, uploads);
    response
}
