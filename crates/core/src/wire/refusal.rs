//! Determines the [`ErrorKind`] of a refusal: by its HTTP status, and by its message if the status
//! is ambiguous.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use super::envelope;
use crate::{Error, ErrorKind, error::plain_duration, printable};

/// The minimum age of a pin that the service unpins.
const UNPIN_AGE: Duration = Duration::from_secs(5 * 60);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    AlreadyPinned,
    InsufficientFunds,
    InvalidCid,
    InvalidUpload,
    NotFound,
    Authentication,
    PermissionDenied,
    ProxyAuthentication,
    RateLimited,
    TooSoon,
    TooLarge,
    Redirect,
    Temporary,
    OutOfSpace,
    Other,
}

/// Known messages of the service, in lower case.
const MESSAGES: &[(&str, Class)] = &[
    ("hash already exists", Class::AlreadyPinned),
    ("duplicate_object", Class::AlreadyPinned),
    ("insufficient_funds", Class::InsufficientFunds),
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
    ("invalid number of segments", Class::Authentication),
    ("created less than 5 minutes ago", Class::TooSoon),
];

/// Returns the error for a response without a success status.
pub(crate) fn from_response(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let message = envelope::message(body);
    let class = class(status, message.as_deref());
    let delay = match retry_after(headers) {
        None if class == Class::TooSoon => Some(UNPIN_AGE),
        delay => delay,
    };
    let error = error_of(class, status, headers, delay)
        .with_status(status)
        .with_retry_after(delay);
    match message {
        Some(message) => error.with_service_message(&message),
        None => error.with_body(body),
    }
}

fn class(status: StatusCode, message: Option<&str>) -> Class {
    let message = message.unwrap_or_default().to_lowercase();
    let said = MESSAGES
        .iter()
        .find(|(text, _)| message.contains(text))
        .map(|&(_, class)| class);
    match status.as_u16() {
        300..=399 => Class::Redirect,
        401 => Class::Authentication,
        402 => Class::InsufficientFunds,
        403 => match said {
            Some(class @ (Class::Authentication | Class::InsufficientFunds | Class::TooSoon)) => {
                class
            }
            _ => Class::PermissionDenied,
        },
        404 | 410 => Class::NotFound,
        407 => Class::ProxyAuthentication,
        409 => match said {
            Some(class @ (Class::AlreadyPinned | Class::InsufficientFunds | Class::TooSoon)) => {
                class
            }
            _ if message.contains("already exists") => Class::AlreadyPinned,
            _ => Class::Other,
        },
        413 => Class::TooLarge,
        429 => Class::RateLimited,
        507 => Class::OutOfSpace,
        408 | 425 | 502..=504 => Class::Temporary,
        // Services use these statuses for anything, and explain it in the message.
        500 => said.unwrap_or(Class::Temporary),
        501 | 505 => Class::Other,
        506..=599 => Class::Temporary,
        _ => said.unwrap_or(Class::Other),
    }
}

/// Returns the error for a gateway's response without a success status. Gateways don't know pins
/// and get no credentials.
pub(crate) fn from_gateway(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let delay = retry_after(headers);
    let later = later(delay);
    let error = match status.as_u16() {
        404 | 410 => Error::new(ErrorKind::NotFound, "the gateway doesn't have this content"),
        407 => return from_response(status, headers, body),
        429 => Error::new(
            ErrorKind::RateLimited,
            format!("the gateway received too many requests; {later}"),
        ),
        451 => Error::new(
            ErrorKind::Api,
            "the gateway doesn't serve this content for legal reasons",
        ),
        501 | 505 => Error::new(ErrorKind::Api, "the gateway doesn't serve such requests"),
        408 | 425 | 500..=599 => {
            Error::new(ErrorKind::Api, format!("the gateway failed; {later}")).with_retryable(true)
        }
        _ => Error::new(ErrorKind::Api, "the gateway refused the request"),
    };
    let error = error.with_status(status).with_retry_after(delay);
    match envelope::message(body) {
        Some(message) => error.with_service_message(&message),
        None => error.with_body(body),
    }
}

fn later(delay: Option<Duration>) -> String {
    match delay {
        Some(delay) if !delay.is_zero() => format!("try again in {}", plain_duration(delay)),
        _ => "try again later".to_owned(),
    }
}

fn error_of(
    class: Class,
    status: StatusCode,
    headers: &HeaderMap,
    delay: Option<Duration>,
) -> Error {
    let later = later(delay);
    match class {
        Class::AlreadyPinned => Error::new(
            ErrorKind::AlreadyPinned,
            "the account has already pinned this content",
        ),
        Class::InsufficientFunds => Error::new(
            ErrorKind::InsufficientFunds,
            "the account's balance doesn't cover this pin; top it up and try again",
        ),
        Class::InvalidCid => Error::invalid_input(
            "cid",
            "the service doesn't accept this CID; check how it is written",
        ),
        Class::InvalidUpload => Error::invalid_input(
            "file",
            "the service found no content in the upload; pin a file that isn't empty",
        ),
        Class::NotFound => Error::new(
            ErrorKind::NotFound,
            "the service doesn't know this pin; check its id, and that the endpoint ends in \
             /api/pinning",
        ),
        Class::Authentication => Error::new(
            ErrorKind::Authentication,
            "the service doesn't accept the credentials; check both keys, and that no proxy \
             drops headers with underscores in their names",
        ),
        Class::PermissionDenied => Error::new(
            ErrorKind::PermissionDenied,
            "the credentials don't permit this; use a key that has the permission",
        ),
        Class::ProxyAuthentication => Error::new(
            ErrorKind::Transport,
            "the proxy requires a user name and password; put them into the proxy's URL",
        )
        .with_retryable(false),
        Class::RateLimited => Error::new(
            ErrorKind::RateLimited,
            format!("the service received too many requests; {later}"),
        ),
        Class::TooSoon => Error::new(
            ErrorKind::Api,
            format!(
                "the service doesn't unpin content that was pinned less than 5 minutes ago; {later}"
            ),
        )
        .with_retryable(true),
        Class::Redirect => Error::new(ErrorKind::Api, redirect_reason(headers)),
        Class::Temporary => {
            Error::new(ErrorKind::Api, format!("the service failed; {later}")).with_retryable(true)
        }
        Class::OutOfSpace => Error::new(
            ErrorKind::Api,
            format!("the service has no space left; unpin content or {later}"),
        ),
        Class::TooLarge => Error::new(
            ErrorKind::Api,
            "the upload is larger than the service accepts",
        ),
        Class::Other if status.is_success() => {
            Error::new(ErrorKind::Api, "the service reports that the call failed")
        }
        Class::Other => Error::new(ErrorKind::Api, "the service refused the call"),
    }
}

/// A redirect to another origin isn't followed with credentials, so the message names its target.
fn redirect_reason(headers: &HeaderMap) -> String {
    let target = headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| location.split(['?', '#']).next())
        .filter(|location| !location.contains('@'));
    match target {
        Some(target) => format!(
            "the service redirects to {}, where credentials aren't sent; set the endpoint to \
             the service's current URL",
            printable(target)
        ),
        None => "the service redirects elsewhere, where credentials aren't sent; set the \
                 endpoint to the service's current URL"
            .to_owned(),
    }
}

/// Parses `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date, relative to the response's
/// own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Even a number of seconds that overflows is a request to wait.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let sent: SystemTime =
        httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}
