//! Which [`ErrorKind`] a refusal of the service is: by its message where that is known, else by its
//! HTTP status.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use crate::{Error, ErrorKind, envelope};

/// A refusal names one of these, somewhere, in any case.
const MESSAGES: &[(&str, Class)] = &[
    ("already exists", Class::AlreadyPinned),
    ("not enough balance", Class::InsufficientFunds),
    ("invalid cid", Class::InvalidCid),
    ("cid too short", Class::InvalidCid),
    ("selected encoding not supported", Class::InvalidCid),
    ("record not found", Class::NotFound),
    ("cannot pin empty file", Class::InvalidUpload),
    ("empty buffer", Class::InvalidUpload),
    ("failed to get uploaded files", Class::InvalidUpload),
    ("token is expired", Class::Authentication),
    ("you are not logged in", Class::Authentication),
    ("less than 5 minutes ago", Class::TooSoon),
];

/// The age a pin must have before the service lets it be unpinned.
const UNPIN_AGE: Duration = Duration::from_secs(5 * 60);

#[derive(Clone, Copy)]
enum Class {
    AlreadyPinned,
    InsufficientFunds,
    InvalidCid,
    InvalidUpload,
    NotFound,
    Authentication,
    PermissionDenied,
    RateLimited,
    TooSoon,
    Redirect,
    Temporary,
    Other,
}

/// The error for an answer that isn't a success.
pub(crate) fn from_response(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let message = envelope::message(body);
    let understood = message.is_some();
    let class = message
        .as_deref()
        .and_then(by_message)
        .unwrap_or_else(|| by_status(status));
    let mut error = error_of(class, status, headers)
        .with_status(status)
        .with_service_message(message);
    let delay = retry_after(headers);
    error = match (class, delay) {
        (Class::TooSoon, None) => error.with_retry_after(Some(UNPIN_AGE)),
        _ => error.with_retry_after(delay),
    };
    if understood {
        error
    } else {
        error.with_body(body)
    }
}

fn by_message(message: &str) -> Option<Class> {
    let message = message.to_lowercase();
    let known = MESSAGES
        .iter()
        .find(|(text, _)| message.contains(text))
        .map(|&(_, class)| class);
    known.or_else(|| {
        (message.contains("invalid") && message.contains("segments"))
            .then_some(Class::Authentication)
    })
}

fn by_status(status: StatusCode) -> Class {
    match status.as_u16() {
        300..=399 => Class::Redirect,
        401 => Class::Authentication,
        402 => Class::InsufficientFunds,
        403 => Class::PermissionDenied,
        404 | 410 => Class::NotFound,
        429 => Class::RateLimited,
        501 | 505 => Class::Other,
        408 | 500..=599 => Class::Temporary,
        _ => Class::Other,
    }
}

fn error_of(class: Class, status: StatusCode, headers: &HeaderMap) -> Error {
    match class {
        Class::AlreadyPinned => Error::new(
            ErrorKind::AlreadyPinned,
            "the account has already pinned this content",
        ),
        Class::InsufficientFunds => Error::new(
            ErrorKind::InsufficientFunds,
            "the account's balance doesn't cover this pin; top it up and try again",
        ),
        Class::InvalidCid => {
            Error::invalid_input("cid", "the service doesn't accept this CID; check its text")
        }
        Class::InvalidUpload => Error::invalid_input(
            "file",
            "the service found no content in the upload; pin a file that isn't empty",
        ),
        Class::NotFound => Error::new(
            ErrorKind::NotFound,
            "the service doesn't know this; check the id, and that the endpoint ends in /api/pinning",
        ),
        Class::Authentication => Error::new(
            ErrorKind::Authentication,
            "the service doesn't accept the credentials; check both keys, and that no proxy in \
             between drops headers with underscores",
        ),
        Class::PermissionDenied => Error::new(
            ErrorKind::PermissionDenied,
            "these credentials may not do this; use a key with the needed permission",
        ),
        Class::RateLimited => Error::new(
            ErrorKind::RateLimited,
            "the service received too many requests; try again later",
        ),
        Class::TooSoon => Error::new(
            ErrorKind::Api,
            "the service doesn't unpin what is younger than five minutes; try again later",
        )
        .with_retryable(true),
        Class::Redirect => Error::new(ErrorKind::Api, redirect_reason(headers)),
        Class::Temporary => {
            Error::new(ErrorKind::Api, "the service failed; try again later").with_retryable(true)
        }
        Class::Other => Error::new(
            ErrorKind::Api,
            match status.as_u16() {
                413 => "the upload is larger than the service accepts",
                200..=299 => "the service answered that the call failed",
                _ => "the service refused the call",
            },
        ),
    }
}

/// A redirect isn't followed with credentials, so the caller must be told where the service went.
fn redirect_reason(headers: &HeaderMap) -> String {
    let target = headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| location.split(['?', '#']).next())
        .filter(|location| !location.contains('@'));
    match target {
        Some(target) => format!(
            "the service redirects to {target}, and credentials aren't sent there; \
             set the endpoint that the service is at now"
        ),
        None => "the service redirects elsewhere, and credentials aren't sent there; \
                 set the endpoint that the service is at now"
            .to_owned(),
    }
}

/// `Retry-After` of RFC 9110 10.2.3: seconds, or a date, which is measured from the answer's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let sent: SystemTime =
        httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}
