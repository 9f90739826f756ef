//! Errors, as JSON in the reason of a rejection.

use std::{error::Error as _, iter};

use serde::Serialize;
use w3pin::{Cid, Error};

#[derive(Serialize)]
struct Fields<'a> {
    code: &'static str,
    message: String,
    reason: &'a str,
    field: Option<&'a str>,
    path: Option<&'a str>,
    status: Option<u16>,
    service_message: Option<&'a str>,
    body_excerpt: Option<&'a str>,
    retry_after_ms: Option<u64>,
    expected_cid: Option<&'a Cid>,
    returned_cid: Option<&'a Cid>,
    retryable: bool,
    /// What led to it, the nearest first.
    causes: Vec<String>,
}

/// What an async function can reject with: it can't make objects, so the fields travel as text.
pub(crate) fn rejection(error: &Error) -> napi::Error {
    napi::Error::from_reason(json(error))
}

pub(crate) fn json(error: &Error) -> String {
    let fields = Fields {
        code: error.kind().as_str(),
        message: error.to_string(),
        reason: error.reason(),
        field: error.field(),
        path: error.path(),
        status: error.status(),
        service_message: error.service_message(),
        body_excerpt: error.body_excerpt(),
        retry_after_ms: error
            .retry_after()
            .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
        expected_cid: error.expected_cid(),
        returned_cid: error.returned_cid(),
        retryable: error.is_retryable(),
        causes: iter::successors(error.source(), |&cause| cause.source())
            .map(ToString::to_string)
            .collect(),
    };
    serde_json::to_string(&fields).unwrap_or_default()
}

/// A value as JSON text.
pub(crate) fn text(value: &impl Serialize) -> napi::Result<String> {
    serde_json::to_string(value).map_err(|cause| napi::Error::from_reason(cause.to_string()))
}
