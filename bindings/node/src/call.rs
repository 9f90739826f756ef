//! Calls that can be stopped, and their progress.

use std::sync::Arc;

use napi::{
    Env, Status,
    bindgen_prelude::PromiseRaw,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use serde::Serialize;
use tokio::sync::watch;
use w3pin::{FetchProgress, Progress, Result};

use crate::{error::rejection, results::Show};

/// A promise of a result as JSON.
pub(crate) type Promised<'env> = PromiseRaw<'env, String>;

/// Returns a promise of a call's result.
pub(crate) fn promise<'env, T: Show>(
    env: &'env Env,
    call: impl Future<Output = napi::Result<T>> + Send + 'static,
) -> napi::Result<Promised<'env>> {
    env.spawn_future(async move { json(&call.await?.show()) })
}

/// Converts a value to JSON.
pub(crate) fn json(value: &impl Serialize) -> napi::Result<String> {
    serde_json::to_string(value).map_err(|cause| napi::Error::from_reason(cause.to_string()))
}

/// The progress of an upload.
#[napi(object)]
pub struct NativeProgress {
    pub bytes_sent: f64,
    pub bytes_total: Option<f64>,
    pub file: Option<String>,
    pub items_done: f64,
    pub items_total: f64,
}

/// Called with the progress of an upload. It doesn't keep the process alive.
pub(crate) type OnProgress =
    ThreadsafeFunction<NativeProgress, (), NativeProgress, Status, false, true>;

/// Adapts the function to Rust's type.
pub(crate) fn listener(on_progress: OnProgress) -> Arc<dyn Fn(&Progress) + Send + Sync> {
    Arc::new(move |progress: &Progress| {
        let told = NativeProgress {
            bytes_sent: progress.bytes_sent as f64,
            bytes_total: progress.bytes_total.map(|bytes| bytes as f64),
            file: progress.file.as_deref().map(str::to_owned),
            items_done: progress.items_done as f64,
            items_total: progress.items_total as f64,
        };
        on_progress.call(told, ThreadsafeFunctionCallMode::NonBlocking);
    })
}

/// The progress of a fetch.
#[napi(object)]
pub struct NativeFetchProgress {
    pub bytes: f64,
    pub bytes_total: Option<f64>,
    pub files: f64,
}

/// Called with the progress of a fetch. It doesn't keep the process alive.
pub(crate) type OnFetchProgress =
    ThreadsafeFunction<NativeFetchProgress, (), NativeFetchProgress, Status, false, true>;

/// Adapts the function to Rust's type.
pub(crate) fn fetch_listener(on_progress: OnFetchProgress) -> w3pin::OnFetchProgress {
    Arc::new(move |progress: &FetchProgress| {
        let told = NativeFetchProgress {
            bytes: progress.bytes as f64,
            bytes_total: progress.bytes_total.map(|bytes| bytes as f64),
            files: progress.files as f64,
        };
        on_progress.call(told, ThreadsafeFunctionCallMode::NonBlocking);
    })
}

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

    /// Stops the call.
    #[napi]
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }
}

impl CancelToken {
    /// Awaits a call until it ends or the token is cancelled, which drops its future.
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
