//! Errors, as JSON in the reason of a rejection.

use std::{error::Error as _, iter};

use serde::Serialize;
use w3pin::{Cid, Error};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    code: &'static str,
    message: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_excerpt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_cid: Option<&'a Cid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    returned_cid: Option<&'a Cid>,
    is_retryable: bool,
    is_outcome_unknown: bool,
    /// The causes, the nearest first.
    causes: Vec<String>,
}

/// The rejection of an async function, which can't create objects, so the fields are encoded as
/// text.
pub(crate) fn rejection(error: &Error) -> napi::Error {
    napi::Error::from_reason(json(error))
}

pub(crate) fn json(error: &Error) -> String {
    let spelled = |text: &str| match error.field() {
        Some(field) => text.replace(field, &name_of(field)),
        None => text.to_owned(),
    };
    let fields = Fields {
        code: error.kind().as_str(),
        message: spelled(&error.to_string()),
        reason: spelled(error.reason()),
        field: error.field().map(name_of),
        path: error.path(),
        status: error.status(),
        service_message: error.service_message(),
        body_excerpt: error.body_excerpt(),
        retry_after_ms: error
            .retry_after()
            .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
        expected_cid: error.expected_cid(),
        returned_cid: error.returned_cid(),
        is_retryable: error.is_retryable(),
        is_outcome_unknown: error.is_outcome_unknown(),
        causes: iter::successors(error.source(), |&cause| cause.source())
            .map(ToString::to_string)
            .collect(),
    };
    serde_json::to_string(&fields).unwrap_or_default()
}

/// Returns the JavaScript name of an argument: in camel case, with the unit of times.
fn name_of(field: &str) -> String {
    const TIMES: [&str; 9] = [
        "timeout",
        "connect_timeout",
        "idle_timeout",
        "call_timeout",
        "deadline",
        "first_delay",
        "base_delay",
        "max_delay",
        "budget",
    ];
    if !field
        .bytes()
        .all(|it| it.is_ascii_lowercase() || it == b'_')
    {
        return field.to_owned();
    }
    if field == "progress" {
        return "onProgress".to_owned();
    }
    let mut name = camel_case(field);
    if TIMES.contains(&field) {
        name.push_str("Ms");
    }
    name
}

pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|it| it.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
