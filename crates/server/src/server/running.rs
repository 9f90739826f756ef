use std::net::SocketAddr;

use tokio::{sync::oneshot, task::JoinHandle};

use super::{ServeError, api_url};

/// A server that runs on its own task. Dropping it starts its shutdown.
#[derive(Debug)]
pub struct RunningServer {
    pub(super) address: SocketAddr,
    pub(super) gateway_address: SocketAddr,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) task: JoinHandle<()>,
}

impl RunningServer {
    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of the gateway, without `/ipfs/<cid>`.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        format!("http://{}", self.gateway_address)
    }

    /// Returns the base URL of the API, which clients use as their endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        api_url(self.address)
    }

    /// Finishes requests in progress and stops. The data folder is unlocked once this returns.
    ///
    /// # Errors
    ///
    /// [`ServeError::Stopped`] if the server had failed before.
    pub async fn shutdown(self) -> Result<(), ServeError> {
        let _ = self.stop.send(());
        self.task.await.map_err(|_| ServeError::Stopped)
    }
}
