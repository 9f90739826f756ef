//! Streams the blocks of a DAG.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream};
use w3pin_core::{Call, DagBlock, Result};

use crate::driver::{Advance, Driver, Hands};

/// A stream of all blocks of a DAG, depth first, each once and verified against its CID. Created by
/// [`Retriever::dag`](crate::Retriever::dag). It ends after an error.
#[must_use]
pub struct DagBlocks(Pin<Box<dyn Stream<Item = Result<DagBlock>> + Send>>);

impl DagBlocks {
    pub(super) fn new(driver: Arc<Driver>, call: Call<(), DagBlock>) -> Self {
        let state = Some((driver, call, Hands::default()));
        Self(Box::pin(stream::unfold(state, |state| async move {
            let (driver, mut call, mut hands) = state?;
            match driver.advance(&mut call, &mut hands).await {
                Advance::Item(block) => Some((Ok(block), Some((driver, call, hands)))),
                Advance::Done(Ok(())) => None,
                Advance::Done(Err(error)) => Some((Err(error), None)),
            }
        })))
    }

    /// Returns the next block, or `None` after the last.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the DAG exceeds its limits, or contains a
    /// block with an unsupported codec; any other kind if no gateway serves it at the moment.
    pub async fn next(&mut self) -> Option<Result<DagBlock>> {
        self.0.next().await
    }
}

impl Stream for DagBlocks {
    type Item = Result<DagBlock>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for DagBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DagBlocks").finish_non_exhaustive()
    }
}
