//! Many calls at once.

use std::path::PathBuf;

use futures_util::{Stream, StreamExt, stream};
use w3pin_core::{Cid, Pin, PinId, Result};

use crate::{Client, ManyOptions, PinByCidOptions, PinOptions};

/// Each answers one result per item, in the order of the items, whatever the order they end in. A
/// failure stops none of the others; dropping the future stops all.
impl Client {
    /// Pins each of these files or folders for itself, as [`pin_path`](Self::pin_path) does.
    pub async fn pin_files<P: Into<PathBuf>>(
        &self,
        paths: impl IntoIterator<Item = P>,
        options: ManyOptions,
    ) -> Vec<Result<Pin>> {
        let paths: Vec<PathBuf> = paths.into_iter().map(Into::into).collect();
        self.pin_files_stream(paths, options).collect().await
    }

    /// [`pin_files`](Self::pin_files), giving each result as soon as it and those before it are there.
    pub fn pin_files_stream(
        &self,
        paths: Vec<PathBuf>,
        options: ManyOptions<PinOptions>,
    ) -> impl Stream<Item = Result<Pin>> + Send + use<> {
        let client = self.clone();
        let ManyOptions { concurrency, pin } = options;
        stream::iter(paths)
            .map(move |path| {
                let (client, pin) = (client.clone(), pin.clone());
                async move { client.pin_path(path, pin).await }
            })
            .buffered(concurrency.max(1))
    }

    /// Pins each of these CIDs, as [`pin_by_cid`](Self::pin_by_cid) does.
    pub async fn pin_cids(
        &self,
        cids: impl IntoIterator<Item = Cid>,
        options: ManyOptions<PinByCidOptions>,
    ) -> Vec<Result<Pin>> {
        let cids: Vec<Cid> = cids.into_iter().collect();
        let pins = cids.into_iter().map(|cid| {
            let (client, pin) = (self.clone(), options.pin.clone());
            async move { client.pin_by_cid(&cid, pin).await }
        });
        all(pins, options.concurrency).await
    }

    /// Unpins each of these pins, as [`unpin`](Self::unpin) does, `concurrency` at once.
    pub async fn unpin_many(
        &self,
        ids: impl IntoIterator<Item = PinId>,
        concurrency: usize,
    ) -> Vec<Result<()>> {
        let ids: Vec<PinId> = ids.into_iter().collect();
        let unpins = ids.into_iter().map(|id| {
            let client = self.clone();
            async move { client.unpin(&id).await }
        });
        all(unpins, concurrency).await
    }
}

async fn all<T>(
    calls: impl Iterator<Item = impl Future<Output = T>>,
    concurrency: usize,
) -> Vec<T> {
    stream::iter(calls)
        .buffered(concurrency.max(1))
        .collect()
        .await
}
