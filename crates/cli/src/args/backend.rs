use std::{fmt, time::Duration};

use w3pin_server::{Backend, BackendError, Replication, ServerConfig};

use super::{Global, duration};

/// Where a server keeps content.
///
/// Values that may contain a password are parsed in [`configure`](Self::configure), since clap's
/// own errors would show them.
#[derive(clap::Args)]
pub(crate) struct BackendArgs {
    /// Where content is kept: embedded, kubo=URL or cluster=URL, with USER:PASSWORD@ before the host if
    /// the node wants it [env: W3PIN_BACKEND] [default: embedded]
    #[arg(long, value_name = "BACKEND")]
    backend: Option<String>,
    /// For a cluster, the RPC of one of its Kubo nodes, to read content [default: http://127.0.0.1:5001]
    #[arg(long, value_name = "URL")]
    ipfs: Option<String>,
    /// For a cluster, how many peers keep each content: 2, 2-3 or all [default: the cluster's own]
    #[arg(long, value_name = "COPIES")]
    replication: Option<Replication>,
    /// How long a node, a cluster or --retrieve-from may look for content pinned by CID, such as 90m or 24h
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration)]
    retrieval_timeout: Duration,
}

impl BackendArgs {
    /// Applies the options to a configuration.
    pub(crate) fn configure(
        &self,
        global: &Global,
        config: &mut ServerConfig,
    ) -> Result<(), BackendError> {
        config.limits.retrieval_timeout = self.retrieval_timeout;
        let given = self.backend.clone();
        if let Some(backend) = given.or_else(|| global.variable("W3PIN_BACKEND")) {
            config.backend = backend.parse()?;
        }
        if let Backend::Cluster {
            rpc, replication, ..
        } = &mut config.backend
        {
            if let Some(given) = &self.ipfs {
                *rpc = given.parse()?;
            }
            if let Some(given) = self.replication {
                *replication = given;
            }
        } else if self.ipfs.is_some() || self.replication.is_some() {
            return Err(BackendError::NotACluster);
        }
        Ok(())
    }
}

impl fmt::Debug for BackendArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendArgs").finish_non_exhaustive()
    }
}
