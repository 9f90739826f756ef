use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use axum::{Router, body::Body};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::{
    answered::Answered, connections::Peer, limits::Limits, lingering::Lingering, pace::Pace,
    stall::StallGuard, turns::Turns,
};

/// Bytes of a request that a connection has read and not yet handed on: all of its head, or a part of its
/// body.
const READ_BUFFER: usize = 64 << 10;

/// What answers the requests of one connection.
pub(super) struct Service {
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) peer: Peer,
    pub(super) behind_proxy: bool,
    /// The beginnings of answers, which for many requests are all there is to do. Without turns, whoever
    /// sends the most would have the most done.
    pub(super) first_steps: Arc<Turns>,
}

impl Service {
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Answered>, Infallible>> + Send + use<> {
        let (mut parts, body) = request.into_parts();
        let peer = if self.behind_proxy {
            self.peer.forwarded(&parts.headers)
        } else {
            self.peer.clone()
        };
        peer.is_busy(true);
        parts.extensions.insert(peer.clone());
        let body = Body::new(Lingering::new(body, &parts.headers, &self.limits));
        let party = peer.party();
        let answer = self
            .router
            .clone()
            .oneshot(Request::from_parts(parts, body));
        let first_steps = Arc::clone(&self.first_steps);
        async move {
            let turn = first_steps.take(party).await;
            peer.has_begun();
            // Whoever has no turn doesn't stand in the runtime's queue, where all are equal.
            tokio::task::yield_now().await;
            let mut answer = pin!(answer);
            let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
            drop(turn);
            let answer = match first {
                Poll::Ready(answer) => answer,
                Poll::Pending => answer.await,
            };
            Ok(answer?.map(|body| Answered::new(body, peer)))
        }
    }
}

/// Serves a connection until it ends.
pub(super) fn connect(
    stream: TcpStream,
    pace: Arc<Pace>,
    service: Service,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let _ = stream.set_nodelay(true);
    let limits = &service.limits;
    let stream = StallGuard::new(stream, pace);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.headers)
        .max_buf_size(READ_BUFFER)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| service.answer(request)),
        )
}
