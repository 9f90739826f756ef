//! Pins on the node what pins need, and unpins what none needs anymore.

use std::time::Duration;

use tokio::{sync::watch, time::timeout};
use w3pin_unixfs::Cid;

use super::node::{Node, Shared};
use crate::{
    content_key::ContentKey,
    engine::settle::{Keeper, Step, Trouble},
    error::{RpcError, StoreError},
    records::{Job, Jobs},
};

impl<N: Node> Keeper for Shared<N> {
    const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(30)];

    fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    fn changed(&self) -> &watch::Sender<()> {
        &self.changed
    }

    fn retrieval_timeout(&self) -> Duration {
        self.retrieval_timeout
    }

    async fn retrieve(&self, key: &ContentKey, cid: &Cid) -> Result<(), Trouble> {
        let report = |waiting| {
            if let Err(cause) = self.jobs.delay(key, &waiting) {
                tracing::error!(%cause, "failed to save a pin's progress");
            }
        };
        self.node.pin(cid, report).await?;
        let shape = self.node.shape(cid).await?;
        Ok(self.jobs.pinned(key, shape)?)
    }

    /// Removes it from the node as well.
    async fn give_up(&self, job: &Job, cid: &Cid, reason: &str) -> Result<Step, StoreError> {
        let _lock = self.adding.write().await;
        // An upload may have provided it, or another pin may have requested it again.
        if self.jobs.get(&job.key)?.as_ref() != Some(job) {
            return Ok(Step::Again);
        }
        if !self.jobs.is_complete(&job.key)?
            && let Ok(Err(cause)) = timeout(self.timeout, self.node.unpin(cid)).await
            && cause.is_passing()
        {
            return Ok(Step::Later(cause.to_string()));
        }
        self.jobs.failed(&job.key, reason)?;
        Ok(Step::Again)
    }

    async fn remove(&self, key: &ContentKey, cid: &Cid) -> Result<Step, StoreError> {
        let _lock = self.adding.write().await;
        // An upload may have pinned it by now.
        match self.jobs.get(key)? {
            Some(job) if !job.held => {}
            _ => return Ok(Step::Again),
        }
        let unpinned = timeout(self.timeout, self.node.unpin(cid)).await;
        match unpinned.unwrap_or(Err(RpcError::Timeout { call: "pin/rm" })) {
            Ok(()) => {
                self.jobs.unpinned(key)?;
                Ok(Step::Again)
            }
            Err(cause) => Ok(Step::Later(cause.to_string())),
        }
    }
}

impl From<RpcError> for Trouble {
    fn from(cause: RpcError) -> Self {
        if cause.is_passing() {
            Self::Passing(cause.to_string())
        } else {
            Self::Final(cause.to_string())
        }
    }
}
