//! Reads request bodies as they arrive.

use std::{pin::Pin, sync::Arc, time::Instant};

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::{Sleep, sleep};

use crate::{connections::Peer, envelope::Refusal, limits::Limits, pace::Pace};

/// Reads a body, as long as it arrives fast enough.
pub(crate) struct BodyReader {
    body: Body,
    pace: Arc<Pace>,
    /// Fires no later than the client's deadline. It is reset only when it fires, since a body can
    /// arrive in as many pieces as it has bytes.
    timer: Pin<Box<Sleep>>,
}

impl BodyReader {
    pub(crate) fn new(body: Body, pace: Arc<Pace>) -> Self {
        Self {
            body,
            timer: Box::pin(sleep(pace.patience())),
            pace,
        }
    }

    /// Returns the next bytes, or `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            self.pace.wait(Instant::now());
            let frame = tokio::select! {
                biased;
                frame = self.body.frame() => frame,
                () = &mut self.timer => {
                    let left = self.pace.wait(Instant::now());
                    if left.is_zero() {
                        return Err(Refusal::timeout());
                    }
                    self.timer.as_mut().reset((Instant::now() + left).into());
                    continue;
                }
            };
            let bytes = match frame.transpose() {
                Ok(None) => return Ok(None),
                Ok(Some(frame)) => frame.into_data().ok(),
                Err(_) => return Err(Refusal::bad_request("the request body ended early")),
            };
            let length = bytes.as_ref().map_or(0, Bytes::len);
            self.pace.moved(length, Instant::now());
            if let Some(bytes) = bytes {
                return Ok(Some(bytes));
            }
        }
    }
}

/// Reads a whole request body that is expected to be short.
pub(crate) async fn read_short(request: Request, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let (parts, body) = request.into_parts();
    let mut body = BodyReader::new(body, Peer::pace_of(&parts.extensions, limits));
    let mut whole = Vec::new();
    while let Some(bytes) = body.next().await? {
        whole.extend_from_slice(&bytes);
        if whole.len() > limits.field_bytes {
            let limit = limits.field_bytes;
            return Err(Refusal::too_large(format!(
                "the request body is longer than {limit} bytes"
            )));
        }
    }
    Ok(whole)
}
