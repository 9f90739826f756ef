//! Stopping a call from outside, for languages whose own cancellation doesn't reach Rust.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{error::Failure, runtime};

/// Stops the calls that were given it.
#[derive(uniffi::Object)]
pub struct CancelToken(watch::Sender<bool>);

#[uniffi::export]
impl CancelToken {
    /// A token that stops nothing yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(false)))
    }

    /// Stops every call that was given this token, now and later.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

/// Runs a call until it ends or is stopped; a stopped one is dropped, which ends its transfer.
pub(crate) async fn until_cancelled<T: Send>(
    cancel: Option<Arc<CancelToken>>,
    call: impl Future<Output = w3pin::Result<T>> + Send,
) -> Result<T, Failure> {
    let call = runtime::within(call);
    let Some(token) = cancel else {
        return Ok(call.await?);
    };
    let mut cancelled = token.0.subscribe();
    tokio::select! {
        biased;
        // The sender lives as long as the token, so this ends by being told alone.
        _ = cancelled.wait_for(|cancelled| *cancelled) => Err(Failure::Cancelled),
        result = call => Ok(result?),
    }
}
