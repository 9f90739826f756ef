use std::{convert::Infallible, future::Future, sync::Arc};

use axum::{Router, body::Body};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::{
    answered::Answered, connections::Peer, limits::Limits, lingering::Lingering, pace::Pace,
    stall::StallGuard,
};

/// The bytes of a request that a connection buffers: its whole head, or a part of its body.
const READ_BUFFER: usize = 64 << 10;

/// Responds to the requests of one connection.
pub(super) struct Service {
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) peer: Peer,
    pub(super) behind_proxy: bool,
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
        let answer = self
            .router
            .clone()
            .oneshot(Request::from_parts(parts, body));
        async move {
            // Each request waits for a turn of its connection, even if many are pipelined.
            tokio::task::yield_now().await;
            peer.has_begun();
            Ok(answer.await?.map(|body| Answered::new(body, peer)))
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
