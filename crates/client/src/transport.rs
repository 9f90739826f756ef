//! Sends requests and receives responses: the only module that knows the HTTP library.

use std::{
    error::Error as StdError,
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use w3pin_core::{Delivery, Error, ErrorKind, Result};

mod body;
mod connect;
mod connection;
mod exchange;
mod pool;
mod proxy;
mod resolve;
mod stream;
mod tls;
mod tunnel;

pub(crate) use self::{
    body::{Block, Body, Sending, UploadBody},
    exchange::{Opened, ResponseBody},
    proxy::Proxy,
    tls::RootCertificates,
};
use self::{
    connect::Connector,
    exchange::{exchange, open},
    pool::{Lease, Pool},
};

/// The most concurrent requests; uploads, which may take hours, have a separate limit of the same
/// number. Others wait for their turn.
const AT_ONCE: usize = 100;

/// A request that failed without a response.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) delivery: Delivery,
}

impl Failed {
    /// Returns a failure from before anything was sent.
    pub(crate) fn unsent(error: Error) -> Self {
        Self {
            error,
            delivery: Delivery::unsent(),
        }
    }
}

/// The settings of the transport.
#[derive(Debug)]
pub(crate) struct TransportOptions {
    pub(crate) connect_timeout: Duration,
    /// How long a request or its response may make no progress.
    pub(crate) idle_timeout: Duration,
    /// How long reading a response may take, once it has started.
    pub(crate) response_timeout: Duration,
    pub(crate) proxy: Proxy,
    pub(crate) roots: RootCertificates,
    pub(crate) user_agent: HeaderValue,
}

/// The connections of a client.
pub(crate) struct Transport {
    settings: Arc<TransportOptions>,
    /// Created for the first request, so that an unused client costs nothing.
    pool: OnceLock<Arc<Pool>>,
    requests: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
}

impl Transport {
    pub(crate) fn new(settings: TransportOptions) -> Self {
        Self {
            settings: Arc::new(settings),
            pool: OnceLock::new(),
            requests: Arc::new(Semaphore::new(AT_ONCE)),
            uploads: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Returns a transport with separate connections, which count towards the same limits.
    pub(crate) fn separate(&self) -> Self {
        Self {
            settings: Arc::clone(&self.settings),
            pool: OnceLock::new(),
            requests: Arc::clone(&self.requests),
            uploads: Arc::clone(&self.uploads),
        }
    }

    /// Sends a request and reads its response, which may have up to `limit` bytes if it is
    /// successful. Gives up at the deadline.
    pub(crate) async fn send(
        &self,
        request: Request<Body>,
        limit: usize,
        fresh_connection: bool,
        deadline: Option<Instant>,
    ) -> Result<(Response<Bytes>, Delivery), Failed> {
        let (lease, request) = self.begin(request, fresh_connection, deadline).await?;
        exchange(lease, request, limit, &self.settings, deadline).await
    }

    /// Sends a request and reads the head of its response, whose body can then be streamed. Gives
    /// up at the deadline.
    pub(crate) async fn open(
        &self,
        request: Request<Body>,
        deadline: Option<Instant>,
    ) -> Result<Opened, Failed> {
        let (lease, request) = self.begin(request, false, deadline).await?;
        open(lease, request, &self.settings, deadline).await
    }

    /// Gets a connection for a request when it is its turn.
    async fn begin(
        &self,
        mut request: Request<Body>,
        fresh_connection: bool,
        deadline: Option<Instant>,
    ) -> Result<(Lease, Request<Body>), Failed> {
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, self.settings.user_agent.clone());
        // Without this any encoding would be acceptable (RFC 9110, section 12.5.3), and none is
        // useful here.
        headers.insert(header::ACCEPT_ENCODING, IDENTITY);

        let turns = match request.body() {
            Body::Bytes(_) => &self.requests,
            Body::Upload(_) => &self.uploads,
        };
        let beginning = async {
            let turn = Arc::clone(turns).acquire_owned().await.ok();
            let pool = self.pool()?;
            pool.lease(request.uri(), fresh_connection, turn).await
        };
        let begun = match deadline {
            None => beginning.await,
            Some(deadline) => timeout_at(deadline, beginning)
                .await
                .unwrap_or_else(|_| Err(too_late())),
        };
        let lease = begun.map_err(Failed::unsent)?;
        Ok((lease, request))
    }

    fn pool(&self) -> Result<&Arc<Pool>> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let pool = Pool::new(Connector::new(&self.settings)?);
        Ok(self.pool.get_or_init(|| Arc::new(pool)))
    }
}

const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Returns the error for a call that has exceeded its time limit.
fn too_late() -> Error {
    Error::new(ErrorKind::Timeout, "the call's time limit has passed")
}

/// Returns the error for a broken connection.
fn broken(cause: &(dyn StdError + 'static)) -> Error {
    let cause = bottom(cause);
    Error::new(
        ErrorKind::Transport,
        format!("the connection to the service broke ({cause})"),
    )
    .with_source(cause)
}

/// Returns the innermost cause of an error, below the layers of libraries.
fn bottom(error: &(dyn StdError + 'static)) -> io::Error {
    let mut bottom = error;
    while let Some(cause) = bottom.source() {
        bottom = cause;
    }
    let Some(error) = bottom.downcast_ref::<io::Error>() else {
        return io::Error::other(bottom.to_string());
    };
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
