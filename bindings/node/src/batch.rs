//! Batches, whose results are returned as they become available.

use napi::bindgen_prelude::spawn;
use napi_derive::napi;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
};
use w3pin::Batch;

use crate::{call::json, results::Show};

/// A batch in progress. Available results are kept when it is stopped.
#[napi]
pub struct NativeBatch {
    results: Mutex<mpsc::UnboundedReceiver<napi::Result<String>>>,
    running: JoinHandle<()>,
}

impl NativeBatch {
    pub(crate) fn new<T: Show + Send + 'static>(mut batch: Batch<T>) -> Self {
        let (sender, results) = mpsc::unbounded_channel();
        let running = spawn(async move {
            while let Some(completed) = batch.next().await {
                if sender.send(json(&completed.show())).is_err() {
                    break;
                }
            }
        });
        Self {
            results: Mutex::new(results),
            running,
        }
    }
}

#[napi]
impl NativeBatch {
    /// Returns the next completed call, or nothing after the last.
    #[napi]
    pub async fn next(&self) -> napi::Result<Option<String>> {
        self.results.lock().await.recv().await.transpose()
    }

    /// Stops the calls in progress.
    #[napi]
    pub fn stop(&self) {
        self.running.abort();
    }
}

impl Drop for NativeBatch {
    fn drop(&mut self) {
        self.running.abort();
    }
}
