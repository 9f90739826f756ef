//! `--local`: a server inside this process.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use etcetera::BaseStrategy;
use w3pin::{Client, Credentials, Error, ErrorKind};
use w3pin_server::{RunningServer, ServeError, Server, ServerConfig, StoreError};

use crate::{args::Global, failure::Failure, output::Output};

/// The account of `--local`, which is always the same, so that it finds its pins again. Its secret
/// is generated each time and never shown.
const ACCOUNT: &str = "local";

/// The delays before retrying to open data that another command uses, and before telling the user.
const RETRY: Duration = Duration::from_millis(50);
const NOTE: Duration = Duration::from_secs(1);

/// A server on a free port of this machine.
pub(crate) struct Local {
    server: RunningServer,
    credentials: Credentials,
}

impl Local {
    pub(crate) async fn start(global: &Global, output: &Output) -> Result<Self, Failure> {
        let credentials = credentials()?;
        let mut config = ServerConfig::new(data_folder(global)?);
        config.accounts = vec![credentials.clone()];
        let server = bind(config, global.connection.lock_timeout, output).await?;
        Ok(Self {
            server: server.spawn(),
            credentials,
        })
    }

    pub(crate) fn client(&self, global: &Global) -> Result<Client, Failure> {
        // The environment's keys belong to another service.
        let client = Client::builder()
            .environment(false)
            .credentials(self.credentials.clone())
            .endpoint(self.server.url().parse()?);
        Ok(global.connection.patience(client).build()?)
    }

    pub(crate) async fn stop(self) -> Result<(), Failure> {
        Ok(self.server.shutdown().await?)
    }
}

/// Opens the data, waiting for another command that uses it.
async fn bind(
    config: ServerConfig,
    limit: Duration,
    output: &Output,
) -> Result<Server, ServeError> {
    let began = Instant::now();
    let mut waiting = None;
    loop {
        match Server::bind(config.clone()).await {
            Err(ServeError::Store {
                source: StoreError::InUse,
                ..
            }) if began.elapsed() < limit => {
                if waiting.is_none() && began.elapsed() >= NOTE {
                    waiting = Some(wait_for(&config.data, output));
                }
                tokio::time::sleep(RETRY).await;
            }
            opened => return opened,
        }
    }
}

fn wait_for(data: &Path, output: &Output) -> crate::progress::Bar {
    let data = data.display();
    output.note(&format!("waiting for another command that uses {data}"));
    output.messages().spinner("waiting")
}

/// Returns the account of `--local` with a new secret.
pub(crate) fn credentials() -> Result<Credentials, Failure> {
    Ok(Credentials::new(ACCOUNT, &secret()?)?)
}

/// Returns the data folder: `--data`, or the default in the user's data folder.
pub(crate) fn data_folder(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(folder) = &global.data {
        return Ok(folder.clone());
    }
    let folders = etcetera::choose_base_strategy().map_err(|_| {
        Error::invalid_input(
            "data",
            "there is no home folder; choose a data folder with --data",
        )
    })?;
    Ok(folders.data_dir().join("w3pin"))
}

fn secret() -> Result<String, Failure> {
    let mut entropy = [0; 16];
    getrandom::fill(&mut entropy).map_err(|cause| {
        Error::new(
            ErrorKind::LocalIo,
            format!("the operating system provides no random numbers: {cause}"),
        )
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(entropy)))
}
