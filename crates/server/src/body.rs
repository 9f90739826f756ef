//! Request bodies, as they arrive.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::{envelope::Refusal, limits::Limits};

/// The next bytes of a body, or none at its end.
pub(crate) async fn next_bytes(body: &mut Body, limits: &Limits) -> Result<Option<Bytes>, Refusal> {
    loop {
        let frame = tokio::time::timeout(limits.stall_timeout, body.frame())
            .await
            .map_err(|_| Refusal::timeout())?;
        match frame.transpose() {
            Ok(None) => return Ok(None),
            Ok(Some(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
            Err(_) => return Err(Refusal::bad_request("the request's body broke off")),
        }
    }
}

/// A whole body that is known to be short.
pub(crate) async fn read_short(mut body: Body, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let mut whole = Vec::new();
    while let Some(bytes) = next_bytes(&mut body, limits).await? {
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
