use std::sync::Arc;

use tokio::sync::Semaphore;
use w3pin_unixfs::Profile;

use crate::{envelope::Refusal, error::StoreError, limits::Limits, records::Account, store::Store};

/// What every request sees.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) accounts: Vec<Account>,
    pub(crate) profile: Profile,
    pub(crate) limits: Limits,
    pub(crate) uploads: Semaphore,
}

impl App {
    pub(crate) fn new(
        store: Store,
        accounts: Vec<Account>,
        profile: Profile,
        limits: Limits,
    ) -> Self {
        let uploads = Semaphore::new(limits.uploads);
        Self {
            store,
            accounts,
            profile,
            limits,
            uploads,
        }
    }

    /// Refuses where the disk, `bytes` fuller, would be fuller than it may be.
    pub(crate) fn require_free_disk(&self, bytes: u64) -> Result<(), Refusal> {
        let needed = bytes.saturating_add(self.limits.free_disk_bytes);
        match self.store.engine.free_bytes() {
            Some(free) if free < needed => Err(StoreError::Full.into()),
            _ => Ok(()),
        }
    }

    /// Asks the store, whose calls block, on a thread where that does no harm.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let app = Arc::clone(self);
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| question(&app)))
            .await
            .unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
    }
}
