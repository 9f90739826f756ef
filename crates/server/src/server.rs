//! The listener, its connections, and how they end.

use std::{future::Future, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use thiserror::Error;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::{JoinHandle, JoinSet},
};
use tower::ServiceExt;
use w3pin_core::Credentials;

use crate::{
    app::App, config::ServerConfig, error::StoreError, limits::Limits, lingering::Lingering,
    routes, stall::StallGuard, store::Store,
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
    app: Arc<App>,
    generated: Option<Credentials>,
}

impl Server {
    /// Opens the data folder and listens.
    ///
    /// # Errors
    ///
    /// Where the address or the folder can't be used.
    pub async fn bind(config: ServerConfig) -> Result<Self, ServeError> {
        let ServerConfig {
            listen,
            allow_remote,
            ..
        } = config;
        survive_file_size_limit();
        if !listen.ip().is_loopback() && !allow_remote {
            return Err(ServeError::NotLoopback(listen));
        }
        let refuse = |source| ServeError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let (profile, limits) = (config.profile, config.limits.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let opened = Store::open(&config).and_then(|store| {
                let (accounts, generated) = store.records.accounts(&config.accounts)?;
                Ok((store, accounts, generated))
            });
            opened.map_err(|source| ServeError::Store {
                data: config.data,
                source,
            })
        });
        let (store, accounts, generated) = opened.await.map_err(|_| ServeError::Stopped)??;
        let app = Arc::new(App::new(store, accounts, profile, limits));
        Ok(Self {
            listener,
            address,
            app,
            generated,
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
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
    /// [`Limits::shutdown_timeout`] allows. When this returns, the data folder is free again.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, app, .. } = self;
        let router = routes::router(Arc::clone(&app));
        let limits = app.limits.clone();
        let connections = Arc::new(Semaphore::new(limits.connections));
        let graceful = GracefulShutdown::new();
        let mut tasks = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            while tasks.try_join_next().is_some() {}
            let accepted = async {
                // Waiting clients stay in the system's queue.
                let slot = Arc::clone(&connections).acquire_owned().await;
                (listener.accept().await, slot)
            };
            let (accepted, slot) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                accepted = accepted => accepted,
            };
            let (stream, _) = match accepted {
                Ok(accepted) => accepted,
                Err(cause) => {
                    // Mostly out of file descriptors; connections that end give some back.
                    tracing::warn!(%cause, "a connection wasn't accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let connection = graceful.watch(connect(stream, router.clone(), &limits));
            tasks.spawn(async move {
                let _slot = slot;
                if let Err(cause) = connection.await {
                    tracing::debug!(%cause, "a connection broke");
                }
            });
        }
        drop(listener);
        if tokio::time::timeout(limits.shutdown_timeout, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("connections were cut off at the end of the shutdown's time");
        }
        tasks.shutdown().await;
        drop(router);
        close(app).await;
    }

    /// Runs on the current runtime until the handle is [shut down](RunningServer::shutdown) or
    /// dropped.
    #[must_use]
    pub fn spawn(self) -> RunningServer {
        let address = self.address;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(self.run_until(async {
            // Dropping the handle stops the server as well.
            let _ = stopped.await;
        }));
        RunningServer {
            address,
            stop,
            task,
        }
    }
}

/// A server that runs on a task of its own. Dropping it begins its shutdown.
#[derive(Debug)]
pub struct RunningServer {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl RunningServer {
    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of the API: what clients take as their endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        api_url(self.address)
    }

    /// Finishes what is under way and stops. When this returns, the data folder is free again.
    ///
    /// # Errors
    ///
    /// [`ServeError::Stopped`] where the server had failed before.
    pub async fn shutdown(self) -> Result<(), ServeError> {
        let _ = self.stop.send(());
        self.task.await.map_err(|_| ServeError::Stopped)
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

fn connect(
    stream: TcpStream,
    router: Router,
    limits: &Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let _ = stream.set_nodelay(true);
    let stream = StallGuard::new(stream, limits.stall_timeout);
    let limits = limits.clone();
    let headers = limits.headers;
    let header_timeout = limits.header_timeout;
    let service = service_fn(move |request: Request<Incoming>| {
        let (parts, body) = request.into_parts();
        let body = Body::new(Lingering::new(body, &parts.headers, &limits));
        router.clone().oneshot(Request::from_parts(parts, body))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_headers(headers)
        .serve_connection(TokioIo::new(stream), service)
}
