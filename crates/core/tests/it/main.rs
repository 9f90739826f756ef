//! Tests of the public API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod address;
mod answers;
mod calls;
mod fuzz;
mod identity;
mod model;
mod requests;
mod script;
mod sync;
mod uploads;
mod verification;

use http::{Response, StatusCode};
use w3pin_core::{Error, GetPin, Operation, Pin, PinId, Result};

/// A single-block file: a raw CIDv1.
const RAW_CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
const OTHER_RAW_CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
const V0_CID: &str = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";

fn answer(status: u16, body: &str) -> Response<&[u8]> {
    let mut response = Response::new(body.as_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// The result of `get_pin` for this response.
fn get(status: u16, body: &str) -> Result<Pin> {
    GetPin::new("an-id".parse::<PinId>().unwrap())
        .parse(w3pin_core::Api::W3ipfs, answer(status, body))
}

/// The pin of a minimal response with these fields added.
fn pin(fields: &str) -> Pin {
    let comma = if fields.is_empty() { "" } else { "," };
    let body =
        format!(r#"{{"data":{{"id":"1","cid":"{RAW_CID}"{comma}{fields}}},"status":"success"}}"#);
    get(200, &body).unwrap()
}

fn refusal(status: u16, body: &str) -> Error {
    get(status, body).unwrap_err()
}
