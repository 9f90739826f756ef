//! An HTTP/1 connection without a task: whoever waits for a response drives it.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{self, SendRequest},
    },
};
use hyper_util::rt::TokioIo;
use tokio::task::unconstrained;
use w3pin_core::Result;

use super::{body::Body, broken, stream::Stream};

/// A connection for one request after another. A separate task for it would have to be woken for each request,
/// and then wake the one that waits for the response.
pub(super) struct Http1 {
    // Dropped first, which tells the connection to close.
    sender: SendRequest<Body>,
    io: Io,
}

/// The connection itself, until it is closed.
struct Io(Option<Pin<Box<Connection>>>);

type Connection = http1::Connection<TokioIo<Stream>, Body>;

impl Http1 {
    pub(super) async fn open(stream: Stream) -> Result<Self> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|cause| broken(&cause))?;
        Ok(Self {
            sender,
            io: Io(Some(Box::pin(connection))),
        })
    }

    /// Sends a request and returns the head of its response.
    pub(super) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        // Nothing would wake a step that waits for the task's next turn.
        let mut response = pin!(unconstrained(self.sender.try_send_request(request)));
        self.io.drive(|cx| response.as_mut().poll(cx)).await
    }

    /// Awaits what the connection produces, such as a piece of a response.
    pub(super) async fn drive<T>(&mut self, step: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        self.io.drive(step).await
    }

    /// Returns whether it accepts another request now.
    pub(super) fn is_ready(&mut self) -> bool {
        // Without a waker, since nobody waits until the next request.
        self.io.advance(&mut Context::from_waker(Waker::noop()));
        self.sender.is_ready()
    }

    /// Waits until it accepts another request, or never will.
    pub(super) async fn ready(&mut self) {
        let Self { sender, io } = self;
        io.drive(|_| match sender.is_ready() || sender.is_closed() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
}

impl Io {
    /// Awaits a step that nothing but the connection completes.
    async fn drive<T>(&mut self, mut step: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        poll_fn(|cx| {
            // The connection would wake its own task.
            let mut unwoken = Context::from_waker(Waker::noop());
            if let Poll::Ready(done) = step(&mut unwoken) {
                return Poll::Ready(done);
            }
            self.advance(cx);
            step(&mut unwoken)
        })
        .await
    }

    /// Reads and writes as much as possible.
    fn advance(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.0
            && connection.as_mut().poll(cx).is_ready()
        {
            self.0 = None;
        }
    }
}

impl Drop for Io {
    /// Closes the connection, with the last message of TLS if the socket takes it.
    fn drop(&mut self) {
        self.advance(&mut Context::from_waker(Waker::noop()));
    }
}
