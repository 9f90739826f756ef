//! A connection for requests: one after another, or concurrently with HTTP/2.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::{HeaderValue, Request, Response, Uri, header, uri};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use w3pin_core::{Error, Result};

use super::{
    body::Body,
    broken,
    connect::{Connected, Protocol},
    proxy::Via,
};

/// A connection. Dropping one with a request in progress closes it.
pub(super) struct Connection {
    sender: Sender,
    /// Whether an earlier request used it.
    reused: bool,
}

enum Sender {
    Http1 {
        sender: http1::SendRequest<Body>,
        host: HeaderValue,
        /// The proxy that forwards the requests.
        proxy: Option<Arc<Via>>,
    },
    Http2 {
        sender: http2::SendRequest<Body>,
        /// Whether a request failed on it, so that it mustn't be used again.
        broken: Arc<AtomicBool>,
    },
}

impl Connection {
    /// Starts HTTP. A separate task drives the connection, whatever happens to the requests.
    pub(super) async fn open(connected: Connected, to: &Uri) -> Result<Self> {
        let io = TokioIo::new(connected.stream);
        let proxy = match connected.protocol {
            Protocol::Http2 => {
                let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .handshake(io)
                    .await
                    .map_err(|cause| broken(&cause))?;
                tokio::spawn(connection);
                return Ok(Self::fresh(Sender::Http2 {
                    sender,
                    broken: Arc::default(),
                }));
            }
            Protocol::Http1 => None,
            Protocol::Forwarding(proxy) => Some(Arc::new(proxy)),
        };
        let host = to.authority().map_or("", |authority| authority.as_str());
        let host = HeaderValue::from_str(host).map_err(|_| {
            Error::invalid_input(
                "endpoint",
                format!("{to} contains characters that a header can't contain"),
            )
        })?;
        let (sender, connection) = http1::handshake(io).await.map_err(|cause| broken(&cause))?;
        tokio::spawn(connection);
        Ok(Self::fresh(Sender::Http1 {
            sender,
            host,
            proxy,
        }))
    }

    fn fresh(sender: Sender) -> Self {
        Self {
            sender,
            reused: false,
        }
    }

    /// Sends a request and returns the head of its response.
    pub(super) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        match &mut self.sender {
            Sender::Http1 {
                sender,
                host,
                proxy,
            } => {
                let mut request = request;
                let headers = request.headers_mut();
                headers.insert(header::HOST, host.clone());
                match proxy {
                    None => *request.uri_mut() = origin_form(request.uri()),
                    Some(proxy) => {
                        if let Some(authorization) = proxy.authorization() {
                            headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
                        }
                    }
                }
                sender.try_send_request(request).await
            }
            Sender::Http2 { sender, .. } => sender.try_send_request(request).await,
        }
    }

    /// Returns the proxy that forwards its requests, and may respond in place of the service.
    pub(super) fn proxy(&self) -> Option<&Via> {
        match &self.sender {
            Sender::Http1 { proxy, .. } => proxy.as_deref(),
            Sender::Http2 { .. } => None,
        }
    }

    pub(super) fn is_reused(&self) -> bool {
        self.reused
    }

    /// Returns whether it accepts another request now.
    pub(super) fn is_ready(&self) -> bool {
        match &self.sender {
            Sender::Http1 { sender, .. } => sender.is_ready(),
            Sender::Http2 { sender, broken } => {
                sender.is_ready() && !broken.load(Ordering::Relaxed)
            }
        }
    }

    /// Waits until it accepts another request, or never will.
    pub(super) async fn ready(&mut self) {
        if let Sender::Http1 { sender, .. } = &mut self.sender {
            let _ = sender.ready().await;
        }
    }

    /// Returns another handle, if the connection can be shared.
    pub(super) fn share(&self) -> Option<Self> {
        match &self.sender {
            Sender::Http1 { .. } => None,
            Sender::Http2 { sender, broken } => Some(Self::fresh(Sender::Http2 {
                sender: sender.clone(),
                broken: Arc::clone(broken),
            })),
        }
    }

    /// Marks the connection as reused.
    pub(super) fn again(self) -> Self {
        Self {
            reused: true,
            ..self
        }
    }

    /// Marks the connection as broken.
    pub(super) fn give_up(&self) {
        if let Sender::Http2 { broken, .. } = &self.sender {
            broken.store(true, Ordering::Relaxed);
        }
    }
}

/// Returns only the path and query.
fn origin_form(uri: &Uri) -> Uri {
    let mut parts = uri::Parts::default();
    parts.path_and_query = uri.path_and_query().cloned();
    Uri::from_parts(parts).unwrap_or_default()
}
