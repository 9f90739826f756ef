//! Many calls at once.

use std::{
    panic::resume_unwind,
    path::PathBuf,
    pin::Pin as Pinned,
    task::{Context, Poll, ready},
};

use futures_util::{Stream, StreamExt, stream};
use tokio::{sync::mpsc, task::JoinHandle};
use w3pin_core::{Cid, Pin, PinByCidOptions, PinId, Result};

use crate::{Client, ManyOptions, PinOptions, upload::Content};

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
        all(self.pin_files_stream(paths, options)).await
    }

    /// [`pin_files`](Self::pin_files), giving each result as soon as it and those before it are there.
    pub fn pin_files_stream(
        &self,
        paths: Vec<PathBuf>,
        options: ManyOptions<PinOptions>,
    ) -> impl Stream<Item = Result<Pin>> + Send + use<> {
        let client = self.clone();
        let ManyOptions { concurrency, pin } = options;
        let walked = pin.clone();
        let contents = looked_at(paths, move |path| {
            Content::path(path, &walked.walk_options()?)
        });
        let pins = contents.map(move |content| {
            let (client, pin) = (client.clone(), pin.clone());
            async move { client.pin(pin, std::future::ready(content)).await }
        });
        in_order(pins, concurrency)
    }

    /// Pins each of these CIDs, as [`pin_by_cid`](Self::pin_by_cid) does.
    pub async fn pin_cids(
        &self,
        cids: impl IntoIterator<Item = Cid>,
        options: ManyOptions<PinByCidOptions>,
    ) -> Vec<Result<Pin>> {
        let (client, cids) = (self.clone(), cids.into_iter().collect::<Vec<_>>());
        let ManyOptions { concurrency, pin } = options;
        let pins = stream::iter(cids).map(move |cid| {
            let (client, pin) = (client.clone(), pin.clone());
            async move { client.pin_by_cid(&cid, pin).await }
        });
        all(in_order(pins, concurrency)).await
    }

    /// Unpins each of these pins, as [`unpin`](Self::unpin) does, `concurrency` at once.
    pub async fn unpin_many(
        &self,
        ids: impl IntoIterator<Item = PinId>,
        concurrency: usize,
    ) -> Vec<Result<()>> {
        let (client, ids) = (self.clone(), ids.into_iter().collect::<Vec<_>>());
        let unpins = stream::iter(ids).map(move |id| {
            let client = client.clone();
            async move { client.unpin(&id).await }
        });
        all(in_order(unpins, concurrency)).await
    }
}

/// Looks at each path, one ahead of those who send: visiting a thread that may block for each of many
/// small files would cost more than sending them.
fn looked_at(
    paths: Vec<PathBuf>,
    look: impl Fn(PathBuf) -> Result<Content> + Send + 'static,
) -> impl Stream<Item = Result<Content>> + Send {
    let begun = async {
        let (found, contents) = mpsc::channel(1);
        let looking = tokio::task::spawn_blocking(move || {
            for path in paths {
                if found.blocking_send(look(path)).is_err() {
                    break;
                }
            }
        });
        stream::unfold((contents, looking), async |(mut contents, looking)| {
            if let Some(content) = contents.recv().await {
                return Some((content, (contents, looking)));
            }
            if let Err(ended) = looking.await
                && let Ok(panic) = ended.try_into_panic()
            {
                resume_unwind(panic);
            }
            None
        })
    };
    stream::once(begun).flatten()
}

/// All results. They are gathered by a thread of the runtime's own, as waking another for each would
/// cost more than the rest of a small call.
async fn all<T: Send + 'static>(results: impl Stream<Item = T> + Send + 'static) -> Vec<T> {
    Call(tokio::spawn(results.collect())).await
}

/// Makes calls on whichever threads are free, and answers in their order.
fn in_order<T: Send + 'static>(
    calls: impl Stream<Item = impl Future<Output = T> + Send + 'static>,
    concurrency: usize,
) -> impl Stream<Item = T> {
    calls
        .map(|call| Call(tokio::spawn(call)))
        .buffered(concurrency.max(1))
}

/// A call on whichever thread is free, which ends with whoever awaits it.
struct Call<T>(JoinHandle<T>);

impl<T> Future for Call<T> {
    type Output = T;

    fn poll(mut self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match ready!(Pinned::new(&mut self.0).poll(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // Only dropping this aborts it, but for a runtime that is going down: nobody is
                // there to be answered.
                Err(_) => Poll::Pending,
            },
        }
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
