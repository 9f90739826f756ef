//! The client that a command talks through: to the service, or to a server in this process.

use w3pin::{Client, ClientBuilder, Settings};

use crate::{args::Global, failure::Failure, local::Local};

/// A client, and the server that it needs, if it is local.
pub(crate) struct Session {
    pub(crate) client: Client,
    local: Option<Local>,
}

impl Session {
    /// Begins one.
    pub(crate) async fn open(global: &Global) -> Result<Self, Failure> {
        if global.local {
            let local = Local::start(global).await?;
            return Ok(Self {
                client: local.client()?,
                local: Some(local),
            });
        }
        Ok(Self::of(builder(global).build()?))
    }

    /// One through this client.
    pub(crate) fn of(client: Client) -> Self {
        Self {
            client,
            local: None,
        }
    }

    /// Ends it, when all that is under way is done.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        drop(self.client);
        match self.local {
            Some(local) => local.stop().await,
            None => Ok(()),
        }
    }
}

/// A client by what the flags say; the rest comes from the environment and the config file.
pub(crate) fn builder(global: &Global) -> ClientBuilder {
    let mut settings = Settings::default();
    settings.api_key.clone_from(&global.api_key);
    settings.secret_key.clone_from(&global.secret_key);
    settings.endpoint.clone_from(&global.endpoint);
    settings.insecure_http = global.insecure_http.then_some(true);
    Client::builder().settings(settings)
}
