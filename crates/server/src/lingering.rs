//! Makes sure that a refusal reaches the client even if it is decided before the body is read.
//!
//! If a server closes a connection with unread bytes, it sends a reset, which can overtake the
//! response. So the rest of a body that a handler didn't read is read and discarded, within limits,
//! while the response is sent.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::limits::Limits;

/// A request body that is drained if it is dropped before its end.
#[derive(Debug)]
pub(crate) struct Lingering {
    body: Option<Incoming>,
    /// Whether the client waits for `100 Continue`, which hasn't been sent.
    unasked: bool,
    bytes: u64,
    timeout: Duration,
}

impl Lingering {
    pub(crate) fn new(body: Incoming, headers: &HeaderMap, limits: &Limits) -> Self {
        Self {
            body: Some(body),
            unasked: headers.contains_key(header::EXPECT),
            bytes: limits.discard_bytes,
            timeout: limits.discard_timeout,
        }
    }
}

impl Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.unasked = false;
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let poll = Pin::new(body).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = poll {
            self.body = None;
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take() else {
            return;
        };
        // Reading on would ask the client to send the body.
        if self.unasked || body.is_end_stream() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (mut left, timeout) = (self.bytes, self.timeout);
        runtime.spawn(async move {
            let drain = async {
                while let Some(Ok(frame)) = body.frame().await {
                    let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                    match left.checked_sub(length) {
                        Some(rest) => left = rest,
                        None => break,
                    }
                }
            };
            let _ = tokio::time::timeout(timeout, drain).await;
        });
    }
}
