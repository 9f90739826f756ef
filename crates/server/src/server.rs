//! The listeners, their connections and the shutdown.

use std::{future::Future, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use hyper_util::server::graceful::GracefulShutdown;
use thiserror::Error;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};
use w3pin_core::Credentials;

use crate::{
    app::App,
    backend::Backend,
    config::ServerConfig,
    connections::Connections,
    error::StoreError,
    memory::MemoryPlan,
    open_files,
    pace::Pace,
    routes::{self, Served},
    store::Store,
};

mod connection;
mod in_turns;
mod low_priority;
mod running;

pub use self::running::RunningServer;
use self::{
    connection::{Service, connect},
    in_turns::{Shares, in_turns},
    low_priority::LowPriority,
};

/// Why a server can't start, or has stopped by itself.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address isn't a loopback address, and remote access isn't allowed.
    #[error(
        "other machines could reach {0} over plain HTTP; allow that explicitly or listen on 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The memory limit is lower than the minimum.
    #[error("the memory limit of {bytes} B is too low; the minimum is {least} B")]
    TooLittleMemory {
        /// The value of [`Limits::memory_bytes`](crate::Limits::memory_bytes).
        bytes: u64,
        /// The minimum in bytes.
        least: u64,
    },
    /// A source was given together with a node, which finds content that is pinned by CID itself.
    #[error(
        "the backend {backend} fetches content that is pinned by CID itself; only the embedded store fetches it \
         from gateways"
    )]
    SourceOfNode {
        /// The backend.
        backend: String,
    },
    /// Listening on the address failed.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The data folder can't be used.
    #[error("{}: {source}", data.display())]
    Store {
        /// The data folder.
        data: PathBuf,
        /// The cause.
        source: StoreError,
    },
    /// The server's task failed.
    #[error("the server stopped unexpectedly")]
    Stopped,
}

/// A server that is listening, and accepts requests once it [runs](Self::run_until).
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    gateway: Option<(TcpListener, SocketAddr)>,
    connections: Arc<Connections>,
    behind_proxy: bool,
    app: Arc<App>,
    generated: Option<Credentials>,
}

impl Server {
    /// Opens the data folder and listens.
    ///
    /// Raises the limit on open files of this process to its maximum.
    ///
    /// # Errors
    ///
    /// If an address or the folder can't be used, or the memory limit is too low.
    pub async fn bind(config: ServerConfig) -> Result<Self, ServeError> {
        survive_file_size_limit();
        let has_source = config.source.is_some();
        if has_source && config.backend != Backend::Embedded {
            let backend = config.backend.to_string();
            return Err(ServeError::SourceOfNode { backend });
        }
        let bytes = config.limits.memory_bytes;
        let least = MemoryPlan::least(has_source);
        if bytes < least {
            return Err(ServeError::TooLittleMemory { bytes, least });
        }
        let mut memory = MemoryPlan::new(&config.limits, config.profile.chunk_size(), has_source);
        let files = open_files::raise_limit();
        (memory.connections, memory.uploads) =
            open_files::share(files, memory.connections, memory.uploads);
        let (listener, address) = listen(config.listen, config.allow_remote).await?;
        let gateway = match config.gateway_listen {
            Some(address) => Some(listen(address, config.allow_remote).await?),
            None => None,
        };
        let opened = tokio::task::spawn_blocking(move || {
            let opened = Store::open(&config).and_then(|store| {
                let (accounts, generated) = store.records.accounts(&config.accounts)?;
                Ok((
                    App::new(store, accounts, &config, &memory, address),
                    generated,
                ))
            });
            match opened {
                Ok((app, generated)) => Ok((app, generated, config)),
                Err(source) => Err(ServeError::Store {
                    data: config.data,
                    source,
                }),
            }
        });
        let (app, generated, config) = opened.await.map_err(|_| ServeError::Stopped)??;
        Ok(Self {
            listener,
            address,
            gateway,
            connections: Connections::new(memory.connections),
            behind_proxy: config.behind_proxy,
            app: Arc::new(app),
            generated,
        })
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of the gateway, without `/ipfs/<cid>`.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        format!("http://{}", self.gateway_address())
    }

    fn gateway_address(&self) -> SocketAddr {
        self.gateway
            .as_ref()
            .map_or(self.address, |(_, address)| *address)
    }

    /// Returns the base URL of the API, which clients use as their endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        api_url(self.address)
    }

    /// Returns the keys of the account that was generated because none was configured and none
    /// existed. Only digests are stored, so they can't be retrieved later.
    #[must_use]
    pub fn generated_credentials(&self) -> Option<&Credentials> {
        self.generated.as_ref()
    }

    /// Serves requests until `shutdown` completes, and then finishes requests in progress, for up
    /// to [`Limits::shutdown_timeout`](crate::Limits::shutdown_timeout). The data folder is
    /// unlocked once this returns.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let Self {
            listener,
            gateway,
            connections,
            behind_proxy,
            app,
            ..
        } = self;
        let limits = app.limits.clone();
        let (gateway, served) = match gateway {
            Some((listener, _)) => (Some(listener), Served::Api),
            None => (None, Served::Both),
        };
        let low_priority = LowPriority::new(&app.efforts);
        let shares = Shares::new(&app.efforts, &low_priority);
        let routers = [served, Served::Gateway].map(|served| routes::router(&app, served));
        let graceful = GracefulShutdown::new();
        let mut tasks = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            while tasks.try_join_next().is_some() {}
            let accepted = async {
                let (accepted, router) = tokio::select! {
                    accepted = listener.accept() => (accepted, &routers[0]),
                    accepted = accept(gateway.as_ref()) => (accepted, &routers[1]),
                };
                // If no connection can be closed, new ones wait in the system's queue.
                let may_come_in = match &accepted {
                    Ok((_, address)) => connections.room(address.ip()).await,
                    Err(_) => true,
                };
                may_come_in.then_some((accepted, router))
            };
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                accepted = accepted => accepted,
            };
            let Some((accepted, router)) = accepted else {
                continue;
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(cause) => {
                    // Usually due to a lack of file descriptors, which closing connections free.
                    tracing::warn!(%cause, "failed to accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let pace = Arc::new(Pace::new(&limits));
            let place = connections.add(address.ip(), &pace);
            let peer = place.peer(address.ip());
            let service = Service {
                router: router.clone(),
                limits: limits.clone(),
                peer: peer.clone(),
                behind_proxy,
            };
            let connection = graceful.watch(connect(stream, pace, service));
            let connection = in_turns(shares.clone(), peer.clone(), connection);
            let task = tasks.spawn(async move {
                let _place = place;
                if let Some(Err(cause)) = connection.await {
                    tracing::debug!(%cause, "a connection broke");
                }
            });
            peer.served_by(task);
        }
        drop((listener, gateway));
        if tokio::time::timeout(limits.shutdown_timeout, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("connections were aborted at the end of the shutdown timeout");
        }
        tasks.shutdown().await;
        drop((routers, shares));
        close(app).await;
        // Its last tasks needed it until here.
        drop(low_priority);
    }

    /// Runs the server on the current runtime until the handle is [shut
    /// down](RunningServer::shutdown) or dropped.
    #[must_use]
    pub fn spawn(self) -> RunningServer {
        let (address, gateway_address) = (self.address, self.gateway_address());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(self.run_until(async {
            // Dropping the handle also stops the server.
            let _ = stopped.await;
        }));
        RunningServer {
            address,
            gateway_address,
            stop,
            task,
        }
    }
}

/// Makes exceeding the file size limit an error like a full disk, instead of a signal that ends the
/// process.
fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        // Once a handler is installed, the signal doesn't end the process, even if nothing receives
        // it.
        if let Err(cause) = signal(kind) {
            tracing::warn!(%cause, "reaching the file size limit would end the process");
        }
    }
}

/// Releases the data folder once aborted uploads have ended.
async fn close(mut app: Arc<App>) {
    loop {
        match Arc::try_unwrap(app) {
            Ok(app) => {
                let _ = tokio::task::spawn_blocking(|| drop(app)).await;
                return;
            }
            Err(shared) => app = shared,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn api_url(address: SocketAddr) -> String {
    format!("http://{address}/api/pinning")
}

async fn listen(
    address: SocketAddr,
    allow_remote: bool,
) -> Result<(TcpListener, SocketAddr), ServeError> {
    if !address.ip().is_loopback() && !allow_remote {
        return Err(ServeError::NotLoopback(address));
    }
    let refuse = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refuse)?;
    let address = listener.local_addr().map_err(refuse)?;
    Ok((listener, address))
}

/// Accepts the next connection of a listener, if there is one.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}
