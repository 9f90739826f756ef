//! Calls that can be stopped, and what they tell on their way.

use std::sync::Arc;

use napi::{
    Status,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use tokio::sync::watch;
use w3pin::{Progress, Result};

use crate::failure::rejection;

/// Bytes sent, bytes in all (negative where that isn't known), and the file.
#[napi(object)]
pub struct NativeProgress {
    pub bytes_sent: f64,
    pub bytes_total: Option<f64>,
    pub file: Option<String>,
}

/// Told how far an upload is. It doesn't keep the process alive.
pub(crate) type OnProgress =
    ThreadsafeFunction<NativeProgress, (), NativeProgress, Status, false, true>;

/// Stops one call.
#[napi]
pub struct CancelToken {
    cancelled: watch::Sender<bool>,
}

#[napi]
impl CancelToken {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self {
            cancelled: watch::Sender::new(false),
        }
    }

    /// Stops it.
    #[napi]
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }
}

impl CancelToken {
    /// Awaits a call, or its end by the token; its future is dropped then.
    pub(crate) fn stopping<T, F: Future<Output = Result<T>> + Send>(
        &self,
        call: F,
    ) -> impl Future<Output = napi::Result<T>> + Send + use<T, F> {
        let mut cancelled = self.cancelled.subscribe();
        async move {
            tokio::select! {
                biased;
                _ = cancelled.wait_for(|it| *it) => {
                    Err(napi::Error::new(Status::Cancelled, "cancelled"))
                }
                result = call => result.map_err(|error| rejection(&error)),
            }
        }
    }
}

/// What an upload's progress is told to.
pub(crate) fn teller(on_progress: OnProgress) -> impl Fn(&Progress) + Send + Sync + 'static {
    let on_progress = Arc::new(on_progress);
    move |progress| {
        let told = NativeProgress {
            bytes_sent: progress.bytes_sent as f64,
            bytes_total: progress.bytes_total.map(|bytes| bytes as f64),
            file: progress.file.as_deref().map(str::to_owned),
        };
        on_progress.call(told, ThreadsafeFunctionCallMode::NonBlocking);
    }
}
