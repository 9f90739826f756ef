//! Reports to a connection when a response has been sent.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::connections::Peer;

/// A response body that reports to its connection when it has been sent or dropped.
#[derive(Debug)]
pub(crate) struct Answered {
    body: Body,
    peer: Peer,
}

impl Answered {
    pub(crate) fn new(body: Body, peer: Peer) -> Self {
        Self { body, peer }
    }
}

impl http_body::Body for Answered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.peer.is_busy(false);
    }
}
