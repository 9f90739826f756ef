//! Many calls, whose results come as they are there.

use napi::bindgen_prelude::spawn;
use napi_derive::napi;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
};
use w3pin::Batch;

use crate::{call::json, results::Show};

/// A batch under way. What its calls gave is kept when it is stopped.
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
    /// The next call that has ended; nothing once all have.
    #[napi]
    pub async fn next(&self) -> napi::Result<Option<String>> {
        self.results.lock().await.recv().await.transpose()
    }

    /// Stops the calls that are under way.
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
