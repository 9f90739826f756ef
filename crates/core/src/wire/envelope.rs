//! The envelope of responses: `{"data": …, "status": "success"}`, or a failure with a `message`.

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::{lenient, refusal};
use crate::{Error, ErrorKind, Result, printable};

#[derive(Deserialize)]
struct Envelope<T> {
    #[serde(default = "Option::default")]
    data: Option<T>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
}

/// Parses the `data` of a successful response.
pub(crate) fn data<'a, T: Deserialize<'a>>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &'a [u8],
) -> Result<T> {
    check(status, headers, body)?;
    match json::<Envelope<T>>(body) {
        Ok(Envelope {
            status: Some(word), ..
        }) if !word.eq_ignore_ascii_case("success") => {
            Err(refusal::from_response(status, headers, body))
        }
        Ok(Envelope {
            data: Some(data), ..
        }) => Ok(data),
        Ok(Envelope { data: None, .. }) if message(body).is_some() => {
            Err(refusal::from_response(status, headers, body))
        }
        Ok(Envelope { data: None, .. }) => Err(undecodable(
            status,
            body,
            "the service's response has no data".to_owned(),
            false,
        )),
        Err(_) if failed(body) => Err(refusal::from_response(status, headers, body)),
        Err(cause) => Err(unread(status, body, &cause)),
    }
}

/// Parses a successful response without an envelope.
pub(crate) fn value<'a, T: Deserialize<'a>>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &'a [u8],
) -> Result<T> {
    json(body).map_err(|cause| match message(body) {
        Some(_) => refusal::from_response(status, headers, body),
        None => unread(status, body, &cause),
    })
}

/// Parses JSON. Checking that all of it is UTF-8 is faster than checking each string.
fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> serde_json::Result<T> {
    match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // Only the strings that are wanted must be.
        Err(_) => serde_json::from_slice(body),
    }
}

fn unread(status: StatusCode, body: &[u8], cause: &serde_json::Error) -> Error {
    let truncated = cause.is_eof();
    let reason = match (body.is_empty(), truncated, cause.is_data()) {
        (true, _, _) => "the service's response is empty".to_owned(),
        (false, true, _) => "the service's response is truncated".to_owned(),
        (false, false, true) => format!(
            "the service's response isn't as documented: {}",
            printable(&cause.to_string())
        ),
        (false, false, false) => NOT_THE_API.to_owned(),
    };
    undecodable(status, body, reason, truncated)
}

const NOT_THE_API: &str =
    "the service's response isn't JSON; check that the endpoint is the pinning API's URL";

/// Rejects a response without a success status.
pub(crate) fn check(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    if status.is_success() {
        Ok(())
    } else {
        Err(refusal::from_response(status, headers, body))
    }
}

/// Returns the message of a failure, wherever services and proxies put it.
pub(crate) fn message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Failure {
        #[serde(default, deserialize_with = "lenient::text")]
        message: Option<String>,
        #[serde(default)]
        error: Value,
    }
    let failure = serde_json::from_slice::<Failure>(body).ok()?;
    failure.message.or_else(|| words(&failure.error))
}

/// Returns the message of an `error`: a string, or an object with a `reason` and `details`.
fn words(error: &Value) -> Option<String> {
    match error {
        Value::Null | Value::Array(_) => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(error.to_string()),
        Value::Object(parts) => {
            let parts = ["reason", "details"].map(|name| parts.get(name).and_then(words));
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(": "))
        }
    }
}

/// Returns whether the body reports a failure, whatever else it contains.
fn failed(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Status {
        #[serde(default, deserialize_with = "lenient::text")]
        status: Option<String>,
    }
    serde_json::from_slice::<Status>(body)
        .ok()
        .and_then(|envelope| envelope.status)
        .is_some_and(|word| !word.eq_ignore_ascii_case("success"))
}

fn undecodable(status: StatusCode, body: &[u8], reason: String, truncated: bool) -> Error {
    Error::new(ErrorKind::Decode, reason)
        .with_status(status)
        .with_body(body)
        .with_retryable(truncated)
}

/// Returns the message of a response without `data`, which may be empty.
pub(crate) fn accepted(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<String> {
    check(status, headers, body)?;
    if failed(body) {
        return Err(refusal::from_response(status, headers, body));
    }
    if body.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        return Ok(message(body).unwrap_or_default());
    }
    Err(undecodable(status, body, NOT_THE_API.to_owned(), false))
}
