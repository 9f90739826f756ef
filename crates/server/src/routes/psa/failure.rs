use axum::response::Response;
use http::{StatusCode, header};
use serde_json::json;

use crate::envelope::Refusal;

/// Converts a refusal to this API's format: `{"error": {"reason": …, "details": …}}`. Other
/// responses are unchanged.
pub(in crate::routes) fn failure(mut response: Response) -> Response {
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let body = json!({
        "error": { "reason": reason(refusal.status()), "details": refusal.message() },
    });
    let mut failure = refusal.into_response_of(&body);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    for (name, value) in response.headers() {
        let added = failure.headers_mut().entry(name);
        added.or_insert_with(|| value.clone());
    }
    failure
}

/// Returns the reason for a status in the form of a constant: `NOT_FOUND`.
fn reason(status: StatusCode) -> String {
    let words = status.canonical_reason().unwrap_or("Error");
    words.to_ascii_uppercase().replace([' ', '-'], "_")
}
