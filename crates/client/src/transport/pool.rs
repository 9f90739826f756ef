//! Connections that are kept from one request to the next.

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

/// How many idle connections are kept.
const MOST_IDLE: usize = 32;
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(60);
/// How long a connection may be idle without another look at whether the service has closed it.
const BRIEF: Duration = Duration::from_millis(100);
/// How long a connection may take to get ready once its response was read.
const SETTLING: Duration = Duration::from_secs(1);

/// The connections of a client.
pub(super) struct Pool {
    connector: Connector,
    /// Those that are idle, the last one used at the end; and those that are shared, always.
    idle: Mutex<Vec<Idle>>,
    /// Locked by the task that closes connections after their time.
    sweeping: Arc<tokio::sync::Mutex<()>>,
}

/// A connection for one request; closed, unless it is put back.
pub(super) struct Lease {
    pub(super) connection: Connection,
    pool: Arc<Pool>,
    origin: Origin,
    /// The turn of the request, which lasts until the connection is closed or kept.
    turn: Option<OwnedSemaphorePermit>,
}

/// Scheme and authority of a URL.
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

    /// A connection to the host of `to`: one that was used before, unless it has to be `fresh`.
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
                // The runtime may not have looked at the network since the service closed it.
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
            // Of several that connect at once, the first one is enough for all.
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

    /// Closes connections after their time, by a task that lasts as long as there are any.
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
                    // Whoever keeps the next one has to find no other task at work.
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
    /// Keeps the connection, whose response was read to its end, for the next request.
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

    /// Closes the connection, on which a request failed, and those that must be suspected of the same.
    pub(super) fn give_up(self) {
        self.connection.give_up();
        if self.connection.is_reused() {
            self.pool.forget(&self.origin);
        }
    }
}
