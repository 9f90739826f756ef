//! The listeners, their connections, and how they end.

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

/// Why a server can't start, or stopped by itself.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is not a loopback one, and that wasn't allowed.
    #[error(
        "{0} can be reached from other machines, over plain HTTP; allow that explicitly or listen on 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The memory that it may use is less than it needs.
    #[error("{bytes} bytes of memory are less than a server needs, {least}")]
    TooLittleMemory {
        /// What [`Limits::memory_bytes`](crate::Limits::memory_bytes) says.
        bytes: u64,
        /// The least.
        least: u64,
    },
    /// The content is on a node, which finds what is pinned by its CID itself.
    #[error(
        "the backend {backend} finds what is pinned by CID itself; only the embedded store retrieves it \
         from gateways"
    )]
    SourceOfNode {
        /// The backend.
        backend: String,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The data folder can't be used.
    #[error("{}: {source}", data.display())]
    Store {
        /// The folder.
        data: PathBuf,
        /// What is the matter with it.
        source: StoreError,
    },
    /// The server's own task failed.
    #[error("the server stopped unexpectedly")]
    Stopped,
}

/// A server that listens, and answers once it [runs](Self::run_until).
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
    /// The limit on open files of this process is raised as far as it may be.
    ///
    /// # Errors
    ///
    /// Where an address or the folder can't be used, or there is too little memory.
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

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The gateway: what stands before `/ipfs/<cid>`.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        format!("http://{}", self.gateway_address())
    }

    fn gateway_address(&self) -> SocketAddr {
        self.gateway
            .as_ref()
            .map_or(self.address, |(_, address)| *address)
    }

    /// The base URL of the API: what clients take as their endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        api_url(self.address)
    }

    /// The keys of the account that was made because none was given and none was there. They are kept
    /// as digests only: show them now or never.
    #[must_use]
    pub fn generated_credentials(&self) -> Option<&Credentials> {
        self.generated.as_ref()
    }

    /// Answers until `shutdown` is done, and then finishes what is under way, for as long as
    /// [`Limits::shutdown_timeout`](crate::Limits::shutdown_timeout) allows. When this returns, the data folder is free again.
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
                // Where nobody yields, the others wait in the system's queue.
                let may_come_in = match &accepted {
                    Ok((_, address)) => connections.room(address.ip()).await,
                    Err(_) => true,
                };
                if may_come_in {
                    return Some((accepted, router));
                }
                low_priority.discard(accepted);
                None
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
                    // Mostly out of file descriptors; connections that end give some back.
                    tracing::warn!(%cause, "a connection wasn't accepted");
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
            tracing::warn!("connections were cut off at the end of the shutdown's time");
        }
        tasks.shutdown().await;
        drop((routers, shares));
        close(app).await;
        // What it was doing last needed it until here.
        drop(low_priority);
    }

    /// Runs on the current runtime until the handle is [shut down](RunningServer::shutdown) or
    /// dropped.
    #[must_use]
    pub fn spawn(self) -> RunningServer {
        let (address, gateway_address) = (self.address, self.gateway_address());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(self.run_until(async {
            // Dropping the handle stops the server as well.
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

/// A file that may grow no more is an error like a full disk, and not the end of the process.
fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        // Once it is listened for, it is never again the end, though nobody listens on.
        if let Err(cause) = signal(kind) {
            tracing::warn!(%cause, "a limit on the size of files would end the process");
        }
    }
}

/// Gives the data folder back, once uploads that were cut off have noticed it.
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

/// The next connection of a listener, if there is one.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}
