//! The blocks of a DAG as they come.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream};
use w3pin_core::{Call, DagBlock, Result};

use crate::driver::{Advance, Driver, Hands};

/// All blocks of a DAG, depth first, each once and checked by its CID before it is given. Made by
/// [`Retriever::dag`](crate::Retriever::dag). After an error it ends.
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

    /// The next block, until there are no more.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where the DAG is larger than its limits, or holds a
    /// block that is neither raw nor UnixFS; any other kind where no gateway serves it now.
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
