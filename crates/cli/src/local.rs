//! `--local`: the service inside this process.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use w3pin::{Client, Credentials, Error, ErrorKind};
use w3pin_server::{RunningServer, Server, ServerConfig};

use crate::{args::Global, failure::Failure};

/// The account that `--local` uses, always the same so that it finds its pins again. Nobody else gets
/// its secret, which is drawn anew each time.
const ACCOUNT: &str = "local";

/// A server on a free port of this machine.
pub(crate) struct Local {
    server: RunningServer,
    credentials: Credentials,
}

impl Local {
    pub(crate) async fn start(global: &Global) -> Result<Self, Failure> {
        let credentials = credentials()?;
        let mut config = ServerConfig::new(data_folder(global)?);
        config.accounts = vec![credentials.clone()];
        let server = Server::bind(config).await?.spawn();
        Ok(Self {
            server,
            credentials,
        })
    }

    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let client = Client::builder()
            .credentials(self.credentials.clone())
            .endpoint(self.server.url().parse()?);
        Ok(client.build()?)
    }

    pub(crate) async fn stop(self) -> Result<(), Failure> {
        Ok(self.server.shutdown().await?)
    }
}

/// The account of `--local`, with a secret of its own.
pub(crate) fn credentials() -> Result<Credentials, Failure> {
    Ok(Credentials::new(ACCOUNT, &secret()?)?)
}

/// Where the data is: `--data`, or the user's own folder for it.
pub(crate) fn data_folder(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(folder) = &global.data {
        return Ok(folder.clone());
    }
    let folders = etcetera::choose_base_strategy().map_err(|_| {
        Error::invalid_input("data", "there is no home folder; choose one with --data")
    })?;
    Ok(folders.data_dir().join("w3pin"))
}

fn secret() -> Result<String, Failure> {
    let mut entropy = [0; 16];
    getrandom::fill(&mut entropy).map_err(|cause| {
        Error::new(
            ErrorKind::LocalIo,
            format!("the operating system gives no random numbers: {cause}"),
        )
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(entropy)))
}
