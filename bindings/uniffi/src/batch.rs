//! Batches, and a cursor over their results, since streams can't cross.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::sync::Mutex;
use w3pin::{Batch, Completed, Pin};

use crate::{
    cancel::{CancelToken, Open, Stops},
    error::{ErrorRecord, Failure},
    pin::PinRecord,
};

/// The result of a call in a batch.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Outcome {
    /// The pin, if the call returns one.
    pub pin: Option<PinRecord>,
    /// Why it failed.
    pub error: Option<ErrorRecord>,
}

/// A completed call of a batch.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CompletedItem {
    /// Which item it was for.
    pub index: u64,
    /// The result.
    pub outcome: Outcome,
}

/// Returns the results of a batch as they become available. Dropping it stops the rest.
#[derive(uniffi::Object)]
pub struct BatchCursor {
    batch: Arc<Mutex<Outcomes>>,
    client: Open,
}

type Outcomes = futures_util::stream::BoxStream<'static, CompletedItem>;

impl BatchCursor {
    pub(crate) fn new<T>(batch: Batch<T>, client: Open) -> Arc<Self>
    where
        T: Send + 'static,
        Outcome: From<w3pin::Result<T>>,
    {
        let batch = batch.map(CompletedItem::from).boxed();
        Arc::new(Self {
            batch: Arc::new(Mutex::new(batch)),
            client,
        })
    }
}

#[uniffi::export]
impl BatchCursor {
    /// Returns the next completed call, or `None` after the last.
    pub async fn next(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Option<CompletedItem>, Failure> {
        let stops = Stops::of(self.client.clone(), cancel);
        let batch = Arc::clone(&self.batch);
        stops
            .run(async move { Ok(batch.lock().await.next().await) })
            .await
    }
}

impl<T> From<Completed<T>> for CompletedItem
where
    Outcome: From<w3pin::Result<T>>,
{
    fn from(completed: Completed<T>) -> Self {
        Self {
            index: completed.index as u64,
            outcome: completed.result.into(),
        }
    }
}

impl From<w3pin::Result<Pin>> for Outcome {
    fn from(result: w3pin::Result<Pin>) -> Self {
        match result {
            Ok(pin) => Self {
                pin: Some(pin.into()),
                error: None,
            },
            Err(error) => Self {
                pin: None,
                error: Some(error.into()),
            },
        }
    }
}

impl From<w3pin::Result<()>> for Outcome {
    fn from(result: w3pin::Result<()>) -> Self {
        Self {
            pin: None,
            error: result.err().map(Into::into),
        }
    }
}
