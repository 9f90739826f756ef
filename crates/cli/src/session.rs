//! The client that a command talks through: to the service, or to a server in this process.

use w3pin::{Client, Settings};

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
        Ok(Self::of(settings(global)?.builder()?.build()?))
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

/// What the flags say, then the environment, then the config file.
pub(crate) fn settings(global: &Global) -> Result<Settings, Failure> {
    let mut settings = Settings::load()?;
    if let Some(key) = &global.api_key {
        settings = settings.api_key(key);
    }
    if let Some(key) = &global.secret_key {
        settings = settings.secret_key(key);
    }
    if let Some(endpoint) = &global.endpoint {
        settings = settings.endpoint(endpoint);
    }
    if global.insecure_http {
        settings = settings.insecure_http(true);
    }
    Ok(settings)
}
