use axum::response::Response;
use http::{HeaderValue, StatusCode};
use w3pin_core::UPLOADS;

use super::caller::Caller;
use crate::envelope::json;

/// `GET /api/apiKeys/testAuthentication`: says whether the keys are good, and which uploads are taken besides files.
pub(super) async fn check(_: Caller) -> Response {
    let mut response = json(
        StatusCode::OK,
        &serde_json::json!({ "message": "authentication successful", "status": "success" }),
    );
    let uploads = HeaderValue::from_static("car");
    response.headers_mut().insert(UPLOADS, uploads);
    response
}
