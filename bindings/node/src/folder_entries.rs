//! The entries of a folder.

use std::sync::Arc;

use futures_util::stream::{ReadyChunks, StreamExt};
use napi::{Env, bindgen_prelude::spawn};
use napi_derive::napi;
use tokio::sync::Mutex;
use w3pin::FolderEntries;

use crate::calls::NativeCalls;

/// A listing in progress.
#[napi]
pub struct NativeFolderEntries {
    entries: Arc<Mutex<Option<ReadyChunks<FolderEntries>>>>,
}

/// The most entries to return at a time.
const CHUNK: usize = 256;

impl NativeFolderEntries {
    pub(crate) fn new(entries: FolderEntries) -> Self {
        Self {
            entries: Arc::new(Mutex::new(Some(entries.ready_chunks(CHUNK)))),
        }
    }
}

#[napi]
impl NativeFolderEntries {
    /// Returns the available entries, at least one, or nothing at the end.
    #[napi]
    pub fn next(&self, env: &Env, calls: &NativeCalls, call: u32) -> napi::Result<()> {
        let entries = Arc::clone(&self.entries);
        let work = async move {
            let mut entries = entries.lock().await;
            let ready = match entries.as_mut() {
                Some(entries) => entries.next().await,
                None => None,
            };
            Ok(ready.unwrap_or_default())
        };
        calls.start(env, call, work)
    }

    /// Aborts the requests in progress. Any call of `next` must have been cancelled.
    #[napi]
    pub fn close(&self) {
        let entries = Arc::clone(&self.entries);
        drop(spawn(async move {
            entries.lock().await.take();
        }));
    }
}
