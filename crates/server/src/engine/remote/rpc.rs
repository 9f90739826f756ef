//! Calls a node's HTTP API.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use super::last_line::LastLine;
use crate::{
    error::{RpcError, rpc_excerpt, rpc_message},
    node_url::NodeUrl,
};

/// The body of a request.
pub(crate) type RpcBody = UnsyncBoxBody<Bytes, std::io::Error>;

/// The longest response that is read into memory. Blocks have at most 2 MiB.
const LONGEST_ANSWER: usize = 8 << 20;
/// How long a connection is idle before it is probed: a search for content can take a day, and the
/// node may be gone meanwhile.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// The timeout for establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one node.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    url: NodeUrl,
    client: Client<HttpConnector, RpcBody>,
}

/// A node's response, of which the headers have arrived.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) call: &'static str,
    pub(crate) status: StatusCode,
    node: String,
    body: Incoming,
}

impl Rpc {
    pub(crate) fn new(url: &NodeUrl) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_keepalive(Some(KEEPALIVE));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self {
            url: url.clone(),
            client,
        }
    }

    /// Sends a request without a body.
    pub(crate) fn call<'a>(
        &'a self,
        call: &'static str,
        method: Method,
        path_and_query: &'a str,
    ) -> BoxFuture<'a, Result<Answer, RpcError>> {
        Box::pin(self.send(call, method, path_and_query, None, empty()))
    }

    /// Sends a request with a body of this content type.
    pub(crate) async fn send(
        &self,
        call: &'static str,
        method: Method,
        path_and_query: &str,
        content_type: Option<&str>,
        body: RpcBody,
    ) -> Result<Answer, RpcError> {
        let mut request = Request::builder()
            .method(method)
            .header(header::TE, "trailers");
        if let Ok(uri) = self.url.join(path_and_query) {
            request = request.uri(uri);
        }
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if let Some(authorization) = self.url.authorization() {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request
            .body(body)
            .map_err(|_| RpcError::Unreadable { call })?;
        let response = self
            .client
            .request(request)
            .await
            .map_err(|cause| unreachable(self.url.to_string(), &cause))?;
        let (head, body) = response.into_parts();
        Ok(Answer {
            call,
            status: head.status,
            node: self.url.to_string(),
            body,
        })
    }
}

impl Answer {
    /// Returns the next bytes. Errors that occur while the node is responding are in the trailer
    /// `X-Stream-Error` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, RpcError> {
        loop {
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            let frame = frame.map_err(|cause| unreachable(self.node.clone(), &cause))?;
            match frame.into_data() {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(frame) => {
                    let trailers = frame.into_trailers().unwrap_or_default();
                    if let Some(error) = trailers.get("x-stream-error") {
                        let message = String::from_utf8_lossy(error.as_bytes());
                        return Err(self.failed(rpc_excerpt(&message)));
                    }
                }
            }
        }
    }

    /// Reads the whole body.
    pub(crate) async fn read(&mut self) -> Result<Vec<u8>, RpcError> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.next().await? {
            whole.extend_from_slice(&bytes);
            if whole.len() > LONGEST_ANSWER {
                return Err(self.unreadable());
            }
        }
        Ok(whole)
    }

    /// Reads the last line that isn't empty. Only one other line at a time is in memory.
    pub(crate) async fn last_line(&mut self) -> Result<Vec<u8>, RpcError> {
        let mut lines = LastLine::default();
        while let Some(bytes) = self.next().await? {
            lines.read(&bytes);
        }
        Ok(lines.last())
    }

    /// Returns the response if it is successful, or else the error in its body.
    pub(crate) async fn succeeded(mut self) -> Result<Self, RpcError> {
        if self.status.is_success() {
            return Ok(self);
        }
        let body = self.read().await?;
        Err(self.failed(rpc_message(&body)))
    }

    pub(crate) fn failed(&self, message: String) -> RpcError {
        RpcError::Failed {
            call: self.call,
            status: self.status.as_u16(),
            message,
        }
    }

    pub(crate) fn unreadable(&self) -> RpcError {
        RpcError::Unreadable { call: self.call }
    }
}

/// Returns an empty body.
fn empty() -> RpcBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn unreachable(node: String, cause: &(dyn std::error::Error + 'static)) -> RpcError {
    // The outer errors only say that the connection failed.
    let mut innermost = cause;
    while let Some(below) = innermost.source() {
        innermost = below;
    }
    RpcError::Unreachable {
        node,
        reason: innermost.to_string(),
    }
}
