use axum::response::Response;
use http::{StatusCode, header};
use serde_json::json;

use crate::envelope::Refusal;

/// A refusal as this API says it: `{"error": {"reason": …, "details": …}}`. Any other response stays as it
/// is.
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

/// The words of a status, as programs like them: `NOT_FOUND`.
fn reason(status: StatusCode) -> String {
    let words = status.canonical_reason().unwrap_or("Error");
    words.to_ascii_uppercase().replace([' ', '-'], "_")
}
