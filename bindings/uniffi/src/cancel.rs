//! Stopping a call from outside, for languages whose own cancellation doesn't reach Rust.

use std::{future::pending, sync::Arc};

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

/// A client as seen by its calls: `None` once it is closed.
pub(crate) type Open = watch::Receiver<Option<w3pin::Client>>;

/// A retriever as seen by its calls, with or without a client.
#[derive(Clone)]
pub(crate) struct OpenRetriever {
    pub(crate) retriever: watch::Receiver<Option<w3pin::Retriever>>,
    pub(crate) client: Option<Open>,
}

/// What can stop a call.
pub(crate) struct Stops {
    pub(crate) token: Option<Arc<CancelToken>>,
    pub(crate) client: Option<Open>,
    pub(crate) retriever: Option<watch::Receiver<Option<w3pin::Retriever>>>,
}

impl Stops {
    /// Stops a call that has no client.
    pub(crate) fn by(token: Option<Arc<CancelToken>>) -> Self {
        Self {
            token,
            client: None,
            retriever: None,
        }
    }

    /// Stops a call of a client.
    pub(crate) fn of(client: Open, token: Option<Arc<CancelToken>>) -> Self {
        Self {
            client: Some(client),
            ..Self::by(token)
        }
    }

    /// Stops a call of a retriever.
    pub(crate) fn of_retriever(open: OpenRetriever, token: Option<Arc<CancelToken>>) -> Self {
        Self {
            client: open.client,
            retriever: Some(open.retriever),
            token,
        }
    }

    /// Runs a call until it ends or is stopped; a stopped one is dropped, which ends its transfer.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        call: impl Future<Output = w3pin::Result<T>> + Send + 'static,
    ) -> Result<T, Failure> {
        let cancelled = self.token.as_ref().map(|token| token.0.subscribe());
        tokio::select! {
            biased;
            () = until(cancelled, |cancelled| *cancelled) => Err(Failure::Cancelled),
            () = until(self.client, Option::is_none) => Err(Failure::Closed),
            () = until(self.retriever, Option::is_none) => Err(Failure::RetrieverClosed),
            result = runtime::within(call) => Ok(result?),
        }
    }
}

/// Waits for a value. One that can't arrive anymore is never ready.
async fn until<T>(values: Option<watch::Receiver<T>>, wanted: impl Fn(&T) -> bool) {
    if let Some(mut values) = values
        && values.wait_for(|value| wanted(value)).await.is_ok()
    {
        return;
    }
    pending().await
}
