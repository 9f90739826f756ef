//! The progress of calls, requested by the other side.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use w3pin::{FetchProgress, OnFetchProgress, OnProgress, Progress};

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

/// How far a fetch is.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FetchProgressRecord {
    /// Bytes of content on the disk.
    pub bytes: u64,
    /// Bytes of content in all, where one file is fetched.
    pub bytes_total: Option<u64>,
    /// Files that are whole.
    pub files: u64,
}

/// Holds the latest progress of a call until it is requested.
struct Feed<P> {
    sender: Arc<Mutex<Option<watch::Sender<Option<P>>>>>,
    receiver: tokio::sync::Mutex<watch::Receiver<Option<P>>>,
}

impl<P: Clone> Feed<P> {
    fn new() -> Self {
        let (sender, receiver) = watch::channel(None);
        Self {
            sender: Arc::new(Mutex::new(Some(sender))),
            receiver: tokio::sync::Mutex::new(receiver),
        }
    }

    async fn next(&self) -> Option<P> {
        let mut receiver = self.receiver.lock().await;
        receiver.changed().await.ok()?;
        receiver.borrow_and_update().clone()
    }

    fn end(&self) {
        lock(&self.sender).take();
    }

    /// Takes what the call tells.
    fn teller<T>(&self) -> impl Fn(&T) + Send + Sync + use<P, T>
    where
        P: for<'a> From<&'a T> + Send + Sync,
    {
        let sender = Arc::clone(&self.sender);
        move |progress| {
            if let Some(sender) = &*lock(&sender) {
                sender.send_replace(Some(progress.into()));
            }
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds the latest progress of an upload or batch until it is requested.
#[derive(uniffi::Object)]
pub struct ProgressFeed(Feed<TransferProgress>);

#[uniffi::export]
impl ProgressFeed {
    /// Creates the feed of a call that is about to start.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Feed::new()))
    }

    /// Returns the latest progress once there is a new one; `None` after the last.
    pub async fn next(&self) -> Option<TransferProgress> {
        self.0.next().await
    }

    /// Ends the feed when its call has ended. The latest progress can still be requested.
    pub fn end(&self) {
        self.0.end();
    }
}

impl ProgressFeed {
    /// What the call tells.
    pub(crate) fn listener(&self) -> OnProgress {
        Arc::new(self.0.teller())
    }
}

/// Holds the latest progress of a fetch until it is requested.
#[derive(uniffi::Object)]
pub struct FetchFeed(Feed<FetchProgressRecord>);

#[uniffi::export]
impl FetchFeed {
    /// Creates the feed of a fetch that is about to start.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Feed::new()))
    }

    /// Returns the latest progress once there is a new one; `None` after the last.
    pub async fn next(&self) -> Option<FetchProgressRecord> {
        self.0.next().await
    }

    /// Ends the feed when its fetch has ended. The latest progress can still be requested.
    pub fn end(&self) {
        self.0.end();
    }
}

impl FetchFeed {
    /// What the fetch tells.
    pub(crate) fn listener(&self) -> OnFetchProgress {
        Arc::new(self.0.teller())
    }
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

impl From<&FetchProgress> for FetchProgressRecord {
    fn from(progress: &FetchProgress) -> Self {
        Self {
            bytes: progress.bytes,
            bytes_total: progress.bytes_total,
            files: progress.files,
        }
    }
}
