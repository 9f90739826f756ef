//! All pins, page by page.

use std::sync::Arc;

use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use tokio::sync::Mutex;
use w3pin::Pins;

use crate::{call::CancelToken, client::answer};

/// A listing under way.
#[napi]
pub struct NativePins {
    pins: Arc<Mutex<Pins>>,
}

impl NativePins {
    pub(crate) fn new(pins: Pins) -> Self {
        Self {
            pins: Arc::new(Mutex::new(pins)),
        }
    }
}

#[napi]
impl NativePins {
    /// The next page's pins, or null at the end.
    #[napi]
    pub fn next_page<'env>(
        &self,
        env: &'env Env,
        token: &CancelToken,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let pins = Arc::clone(&self.pins);
        let call = token.stopping(async move { pins.lock().await.next_page().await.transpose() });
        answer(env, call)
    }
}
