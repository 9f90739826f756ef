//! How far an upload is, for whoever asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use w3pin::{OnProgress, Progress};

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TransferProgress {
    /// Bytes of content sent so far.
    pub bytes_sent: u64,
    /// Bytes of content in all, where known.
    pub bytes_total: Option<u64>,
    /// The file being sent.
    pub file: Option<String>,
    /// Items that have ended.
    pub items_done: u64,
    /// Items in all.
    pub items_total: u64,
}

/// Keeps the newest progress of one call until it is asked for.
#[derive(uniffi::Object)]
pub struct ProgressFeed {
    sender: Arc<Mutex<Option<Newest>>>,
    receiver: tokio::sync::Mutex<watch::Receiver<Option<TransferProgress>>>,
}

type Newest = watch::Sender<Option<TransferProgress>>;

#[uniffi::export]
impl ProgressFeed {
    /// The feed of a call that is about to begin.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        let (sender, receiver) = watch::channel(None);
        Arc::new(Self {
            sender: Arc::new(Mutex::new(Some(sender))),
            receiver: tokio::sync::Mutex::new(receiver),
        })
    }

    /// The newest progress that wasn't given yet, once there is one; nothing after the last.
    pub async fn next(&self) -> Option<TransferProgress> {
        let mut receiver = self.receiver.lock().await;
        receiver.changed().await.ok()?;
        receiver.borrow_and_update().clone()
    }

    /// Ends the feed when its call has ended. The newest progress can still be asked for.
    pub fn end(&self) {
        lock(&self.sender).take();
    }
}

impl ProgressFeed {
    /// What the call tells.
    pub(crate) fn listener(&self) -> OnProgress {
        let sender = Arc::clone(&self.sender);
        Arc::new(move |progress: &Progress| {
            if let Some(sender) = &*lock(&sender) {
                sender.send_replace(Some(progress.into()));
            }
        })
    }
}

fn lock(sender: &Mutex<Option<Newest>>) -> MutexGuard<'_, Option<Newest>> {
    sender.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<&Progress> for TransferProgress {
    fn from(progress: &Progress) -> Self {
        Self {
            bytes_sent: progress.bytes_sent,
            bytes_total: progress.bytes_total,
            file: progress.file.as_deref().map(str::to_owned),
            items_done: progress.items_done,
            items_total: progress.items_total,
        }
    }
}
