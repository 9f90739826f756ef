//! Keeps connections between requests.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{
    Uri,
    uri::{Authority, Scheme},
};
use tokio::{
    sync::OwnedSemaphorePermit,
    task::yield_now,
    time::{Instant, sleep, timeout},
};
use w3pin_core::{Error, Result};

use super::{connect::Connector, connection::Connection};

/// The most idle connections to keep.
const MOST_IDLE: usize = 32;
/// How long to keep an idle connection.
const IDLE: Duration = Duration::from_secs(60);
/// The idle time up to which a connection is reused without checking whether the service has closed
/// it.
const BRIEF: Duration = Duration::from_millis(100);
/// How long a connection may take to become ready after its response was read.
const SETTLING: Duration = Duration::from_secs(1);

/// The connections of a client.
pub(super) struct Pool {
    connector: Connector,
    /// Idle connections, the most recently used last, and all shared ones.
    idle: Mutex<Vec<Idle>>,
    /// Held by the task that closes expired connections.
    sweeping: Arc<tokio::sync::Mutex<()>>,
}

/// A connection for one request. It is closed on drop, unless it is put back.
pub(super) struct Lease {
    pub(super) connection: Connection,
    pool: Arc<Pool>,
    origin: Origin,
    /// The turn of the request, held until the connection is closed or put back.
    turn: Option<OwnedSemaphorePermit>,
}

/// The scheme and authority of a URL.
#[derive(Clone, PartialEq, Eq)]
struct Origin(Scheme, Authority);

struct Idle {
    origin: Origin,
    connection: Connection,
    since: Instant,
}

impl Origin {
    fn of(uri: &Uri) -> Result<Self> {
        match (uri.scheme(), uri.authority()) {
            (Some(scheme), Some(authority)) => Ok(Self(scheme.clone(), authority.clone())),
            _ => Err(Error::invalid_input(
                "endpoint",
                format!("{uri} has no scheme or host"),
            )),
        }
    }
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self {
            connector,
            idle: Mutex::default(),
            sweeping: Arc::default(),
        }
    }

    /// Returns a connection to the host of `to`, reusing one unless it must be `fresh`.
    pub(super) async fn lease(
        self: &Arc<Self>,
        to: &Uri,
        fresh: bool,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Lease> {
        let origin = Origin::of(to)?;
        let used = if fresh {
            None
        } else {
            self.used(&origin).await
        };
        let connection = match used {
            Some(connection) => connection,
            None => self.connect(to, &origin, fresh).await?,
        };
        Ok(Lease {
            connection,
            pool: Arc::clone(self),
            origin,
            turn,
        })
    }

    async fn used(&self, origin: &Origin) -> Option<Connection> {
        while let Some(idle) = self.take(origin) {
            if idle.since.elapsed() > BRIEF {
                // Lets the runtime poll the network, since the service may have closed the
                // connection.
                yield_now().await;
            }
            if idle.connection.is_ready() {
                return Some(idle.connection.again());
            }
        }
        None
    }

    async fn connect(
        self: &Arc<Self>,
        to: &Uri,
        origin: &Origin,
        fresh: bool,
    ) -> Result<Connection> {
        let connected = self.connector.connect(to).await?;
        let connection = Connection::open(connected, to).await?;
        if let Some(shared) = connection.share() {
            // If several requests connect at once, the first connection may serve them all.
            if !fresh && let Some(idle) = self.take(origin) {
                return Ok(idle.connection.again());
            }
            self.forget(origin);
            self.keep(origin.clone(), shared);
        }
        Ok(connection)
    }

    /// Closes the idle connections to an origin.
    fn forget(&self, origin: &Origin) {
        self.idle().retain(|idle| idle.origin != *origin);
    }

    fn take(&self, origin: &Origin) -> Option<Idle> {
        let mut idle = self.idle();
        let at = idle.iter().rposition(|idle| idle.origin == *origin)?;
        let found = &mut idle[at];
        match found.connection.share() {
            Some(connection) if found.connection.is_ready() => {
                let shared = Idle {
                    origin: origin.clone(),
                    connection,
                    since: found.since,
                };
                found.since = Instant::now();
                Some(shared)
            }
            _ => Some(idle.remove(at)),
        }
    }

    fn keep(self: &Arc<Self>, origin: Origin, connection: Connection) {
        let mut idle = self.idle();
        if idle.len() == MOST_IDLE {
            idle.remove(0);
        }
        idle.push(Idle {
            origin,
            connection,
            since: Instant::now(),
        });
        drop(idle);
        self.sweep();
    }

    /// Closes expired connections, in a task that runs as long as there are any.
    fn sweep(self: &Arc<Self>) {
        let Ok(only_one) = Arc::clone(&self.sweeping).try_lock_owned() else {
            return;
        };
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                sleep(IDLE / 4).await;
                let Some(pool) = pool.upgrade() else { return };
                let mut idle = pool.idle();
                idle.retain(|idle| idle.connection.is_ready() && idle.since.elapsed() < IDLE);
                if idle.is_empty() {
                    // The task must be gone before the next connection is kept.
                    return drop(only_one);
                }
            }
        });
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Keeps the connection for the next request, once the response has been read completely.
    pub(super) fn put_back(self) {
        let Self {
            mut connection,
            pool,
            origin,
            turn,
        } = self;
        if connection.share().is_some() {
            return;
        }
        if connection.is_ready() {
            return pool.keep(origin, connection);
        }
        let pool = Arc::downgrade(&pool);
        tokio::spawn(async move {
            let _ = timeout(SETTLING, connection.ready()).await;
            if let Some(pool) = pool.upgrade()
                && connection.is_ready()
            {
                pool.keep(origin, connection);
            }
            drop(turn);
        });
    }

    /// Closes the connection, on which a request failed, and others to the same origin that may be
    /// broken too.
    pub(super) fn give_up(self) {
        self.connection.give_up();
        if self.connection.is_reused() {
            self.pool.forget(&self.origin);
        }
    }
}
