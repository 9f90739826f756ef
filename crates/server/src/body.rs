//! Request bodies, as they arrive.

use std::time::Instant;

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::{connections::Peer, envelope::Refusal, limits::Limits, pace::Pace};

/// The next bytes of a body, or none at its end.
pub(crate) async fn next_bytes(body: &mut Body, pace: &Pace) -> Result<Option<Bytes>, Refusal> {
    loop {
        let left = pace.wait(Instant::now());
        let frame = tokio::time::timeout(left, body.frame()).await;
        let frame = frame.map_err(|_| Refusal::timeout())?;
        let bytes = match frame.transpose() {
            Ok(None) => return Ok(None),
            Ok(Some(frame)) => frame.into_data().ok(),
            Err(_) => return Err(Refusal::bad_request("the request's body broke off")),
        };
        pace.moved(bytes.as_ref().map_or(0, Bytes::len), Instant::now());
        if let Some(bytes) = bytes {
            return Ok(Some(bytes));
        }
    }
}

/// The whole body of a request, which is known to be short.
pub(crate) async fn read_short(request: Request, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let (parts, mut body) = request.into_parts();
    let pace = Peer::pace_of(&parts.extensions, limits);
    let mut whole = Vec::new();
    while let Some(bytes) = next_bytes(&mut body, &pace).await? {
        whole.extend_from_slice(&bytes);
        if whole.len() > limits.field_bytes {
            let limit = limits.field_bytes;
            return Err(Refusal::too_large(format!(
                "the body is longer than {limit} bytes"
            )));
        }
    }
    Ok(whole)
}
