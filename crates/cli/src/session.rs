//! The client that a command talks through: to the service, or to a server in this process.

use w3pin::{Client, ClientBuilder, ConfigFile, Error, Gateway, Retriever, Settings};

use crate::{args::Global, commands::blocking, failure::Failure, local::Local, output::Output};

/// A client, and the server that it needs, if it is local.
pub(crate) struct Session {
    pub(crate) client: Client,
    local: Option<Local>,
}

impl Session {
    /// Begins one.
    pub(crate) async fn open(global: &Global, output: &Output) -> Result<Self, Failure> {
        if global.local {
            let local = Local::start(global, output).await?;
            return Ok(Self {
                client: local.client(global)?,
                local: Some(local),
            });
        }
        let builder = builder(global);
        Ok(Self::of(blocking(move || builder.build()).await??))
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

/// What a command reads content back through, and the server that it reads from, if it is local.
pub(crate) struct Source {
    pub(crate) retriever: Retriever,
    local: Option<Local>,
}

impl Source {
    /// Opens one, which nobody needs an account for. Without `gateways`, those of the environment and the
    /// config file count.
    pub(crate) async fn open(
        gateways: Vec<Gateway>,
        global: &Global,
        output: &Output,
    ) -> Result<Self, Failure> {
        if global.local {
            if !gateways.is_empty() {
                let reason = "--local reads from the server in this process; leave out --gateway";
                return Err(Error::invalid_input("gateway", reason).into());
            }
            let local = Local::start(global, output).await?;
            return Ok(Self {
                retriever: local.client(global)?.retriever(),
                local: Some(local),
            });
        }
        let mut builder = builder(global);
        if !gateways.is_empty() {
            builder = builder.gateways(gateways);
        }
        Ok(Self {
            retriever: blocking(move || builder.retriever()).await??,
            local: None,
        })
    }

    /// Closes it.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        drop(self.retriever);
        match self.local {
            Some(local) => local.stop().await,
            None => Ok(()),
        }
    }
}

/// The config file that the arguments or the environment name, or the usual one.
pub(crate) fn config_file(global: &Global) -> Option<ConfigFile> {
    match &global.config {
        Some(path) => Some(ConfigFile::at(path)),
        None => ConfigFile::locate(),
    }
}

/// A client by what the arguments say; the rest comes from the environment and the config file.
pub(crate) fn builder(global: &Global) -> ClientBuilder {
    let mut settings = Settings::default();
    settings.api_key.clone_from(&global.api_key);
    settings.secret_key.clone_from(&global.secret_key);
    settings.token.clone_from(&global.token);
    settings.api = global.api.map(|api| api.to_string());
    settings.endpoint.clone_from(&global.endpoint);
    let mut client = Client::builder()
        .settings(settings)
        .environment(!global.isolated);
    // Proxy and certificates in it count, wherever the keys come from.
    if let Some(file) = config_file(global) {
        client = client.config_file(file);
    }
    global.connection.route(global.connection.patience(client))
}
