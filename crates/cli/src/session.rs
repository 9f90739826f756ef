//! The client of a command: for the service, or for a server in this process.

use w3pin::{Client, ClientBuilder, ConfigFile, Error, Gateway, Retriever, Settings};

use crate::{args::Global, commands::blocking, failure::Failure, local::Local, output::Output};

/// A client and, if it is local, its server.
pub(crate) struct Session {
    pub(crate) client: Client,
    local: Option<Local>,
}

impl Session {
    /// Opens a session.
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

    /// Returns a session with this client.
    pub(crate) fn of(client: Client) -> Self {
        Self {
            client,
            local: None,
        }
    }

    /// Closes the session once all requests are done.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        drop(self.client);
        match self.local {
            Some(local) => local.stop().await,
            None => Ok(()),
        }
    }
}

/// Where a command reads content back from, including the local server, if any.
pub(crate) struct Source {
    pub(crate) retriever: Retriever,
    local: Option<Local>,
}

impl Source {
    /// Opens a source, which needs no account. Without `gateways`, those of the environment and the
    /// config file are used.
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

    /// Closes the source.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        drop(self.retriever);
        match self.local {
            Some(local) => local.stop().await,
            None => Ok(()),
        }
    }
}

/// Returns the config file from the arguments or the environment, or the default one.
pub(crate) fn config_file(global: &Global) -> Option<ConfigFile> {
    match &global.config {
        Some(path) => Some(ConfigFile::at(path)),
        None => ConfigFile::locate(),
    }
}

/// Returns a client builder with the settings in the arguments; the rest comes from the environment
/// and the config file.
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
    // Its proxy and certificates are used, wherever the keys come from.
    if let Some(file) = config_file(global) {
        client = client.config_file(file);
    }
    global.connection.route(global.connection.patience(client))
}
