use std::net::SocketAddr;

use tokio::{sync::oneshot, task::JoinHandle};

use super::{ServeError, api_url};

/// A server that runs on a task of its own. Dropping it begins its shutdown.
#[derive(Debug)]
pub struct RunningServer {
    pub(super) address: SocketAddr,
    pub(super) gateway_address: SocketAddr,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) task: JoinHandle<()>,
}

impl RunningServer {
    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The gateway: what stands before `/ipfs/<cid>`.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        format!("http://{}", self.gateway_address)
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
