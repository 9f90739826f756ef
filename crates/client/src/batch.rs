//! Calls for many items at once.

use std::{
    fmt,
    num::NonZeroUsize,
    panic::resume_unwind,
    pin::Pin as Pinned,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use tokio::{
    sync::{OnceCell, mpsc},
    task::JoinHandle,
};
use w3pin_core::{Cid, ExistingPins, Metadata, Pin, PinByCidOptions, PinId, Result};

use crate::{Client, Content, PinOptions, upload::Outgoing};

mod item;
mod options;
mod progress;

use self::progress::BatchProgress;
pub use self::{
    item::{BatchItem, Completed},
    options::BatchOptions,
};

/// Each method runs a few calls at a time and returns one result for each item. A failure doesn't
/// stop the others; dropping the future or stream stops all.
impl Client {
    /// Pins many files or folders, each as its own pin, and returns the results in the order of the
    /// items.
    ///
    /// - `items`: Paths, each optionally with its own name and key-values.
    pub async fn pin_files<I: Into<BatchItem<Content>>>(
        &self,
        items: impl IntoIterator<Item = I>,
        options: BatchOptions<PinOptions>,
    ) -> Vec<Result<Pin>> {
        all(self.pin_files_as_completed(items, options)).await
    }

    /// Pins many files or folders, each as its own pin, and yields each result as soon as it is
    /// available.
    ///
    /// - `items`: Paths, each optionally with its own name and key-values.
    ///
    /// With [`skip_if_pinned`](PinOptions::skip_if_pinned) the account's pins are listed once for the whole
    /// batch. Progress is that of the whole batch.
    pub fn pin_files_as_completed<I: Into<BatchItem<Content>>>(
        &self,
        items: impl IntoIterator<Item = I>,
        options: BatchOptions<PinOptions>,
    ) -> Batch<Pin> {
        let items: Vec<BatchItem<Content>> = items.into_iter().map(Into::into).collect();
        let BatchOptions {
            concurrency, each, ..
        } = options;
        let existing = self.existing_once(each.skip_if_pinned, items.len());
        let progress = each
            .progress
            .clone()
            .map(|on_progress| BatchProgress::new(on_progress, items.len()));
        let client = self.clone();
        let looks = looked_at(items, each, progress.clone());
        let pins = looks.map(move |(index, look)| {
            let (client, existing) = (client.clone(), existing.clone());
            let progress = progress.clone();
            async move {
                let result = async {
                    let Look {
                        outgoing,
                        mut options,
                    } = look?;
                    options.existing = existing.get(&client, &mut options.timeout).await?;
                    client.pin(options, std::future::ready(Ok(outgoing))).await
                };
                let result = result.await;
                if let Some(progress) = progress {
                    progress.ended(index);
                }
                Completed { index, result }
            }
        });
        Batch::new(pins, concurrency)
    }

    /// Pins many CIDs and returns the results in the order of the items.
    ///
    /// - `items`: CIDs, each optionally with its own name and key-values.
    pub async fn pin_cids<I: Into<BatchItem<Cid>>>(
        &self,
        items: impl IntoIterator<Item = I>,
        options: BatchOptions<PinByCidOptions>,
    ) -> Vec<Result<Pin>> {
        all(self.pin_cids_as_completed(items, options)).await
    }

    /// Pins many CIDs and yields each result as soon as it is available.
    ///
    /// - `items`: CIDs, each optionally with its own name and key-values.
    pub fn pin_cids_as_completed<I: Into<BatchItem<Cid>>>(
        &self,
        items: impl IntoIterator<Item = I>,
        options: BatchOptions<PinByCidOptions>,
    ) -> Batch<Pin> {
        let items: Vec<BatchItem<Cid>> = items.into_iter().map(Into::into).collect();
        let BatchOptions {
            concurrency, each, ..
        } = options;
        let existing = self.existing_once(each.skip_if_pinned, items.len());
        let client = self.clone();
        let pins = stream::iter(items.into_iter().enumerate()).map(move |(index, item)| {
            let (client, existing, mut options) = (client.clone(), existing.clone(), each.clone());
            async move {
                let result = async {
                    let cid = item.subject?;
                    override_metadata(&mut options.metadata, item.metadata);
                    options.existing = existing.get(&client, &mut options.timeout).await?;
                    client.pin_by_cid(&cid, options).await
                };
                Completed {
                    index,
                    result: result.await,
                }
            }
        });
        Batch::new(pins, concurrency)
    }

    /// Removes many pins and returns the results in the order of the ids.
    ///
    /// - `ids`: The pins' ids.
    pub async fn unpin_many<I: Into<BatchItem<PinId>>>(
        &self,
        items: impl IntoIterator<Item = I>,
        options: BatchOptions<()>,
    ) -> Vec<Result<()>> {
        all(self.unpin_many_as_completed(items, options)).await
    }

    /// Removes many pins and yields each result as soon as it is available.
    ///
    /// - `ids`: The pins' ids.
    pub fn unpin_many_as_completed<I: Into<BatchItem<PinId>>>(
        &self,
        items: impl IntoIterator<Item = I>,
        options: BatchOptions<()>,
    ) -> Batch<()> {
        let items: Vec<BatchItem<PinId>> = items.into_iter().map(Into::into).collect();
        let client = self.clone();
        let unpins = stream::iter(items.into_iter().enumerate()).map(move |(index, item)| {
            let client = client.clone();
            async move {
                let result = match item.subject {
                    Ok(id) => client.unpin(&id).await,
                    Err(error) => Err(error),
                };
                Completed { index, result }
            }
        });
        Batch::new(unpins, options.concurrency)
    }

    fn existing_once(&self, wanted: bool, calls: usize) -> ExistingOnce {
        ExistingOnce {
            calls: wanted.then_some(calls),
            pins: Arc::default(),
        }
    }
}

/// The account's pins, listed when the first call of a batch needs them.
#[derive(Clone)]
struct ExistingOnce {
    calls: Option<usize>,
    pins: Arc<OnceCell<Option<Arc<ExistingPins>>>>,
}

impl ExistingOnce {
    /// Returns the pins, or `None` if the call must search itself. Listing counts towards the
    /// call's time limit.
    async fn get(
        &self,
        client: &Client,
        timeout: &mut Option<Duration>,
    ) -> Result<Option<Arc<ExistingPins>>> {
        const LEAST: Duration = Duration::from_millis(1);

        let Some(calls) = self.calls else {
            return Ok(None);
        };
        let driver = &client.inner.driver;
        let began = driver.now();
        let list = async {
            let call = client.inner.session.existing_pins(calls);
            driver.drive(call).await.ok().map(Arc::new)
        };
        let listed = async { Ok(self.pins.get_or_init(|| list).await.clone()) };
        let existing = driver.within(*timeout, listed).await?;
        if let Some(timeout) = timeout {
            let spent = driver.now().saturating_sub(began);
            *timeout = timeout.saturating_sub(spent).max(LEAST);
        }
        Ok(existing)
    }
}

/// An inspected item.
struct Look {
    outgoing: Outgoing,
    options: PinOptions,
}

/// How many items are inspected ahead of sending, and handed over at once.
const AHEAD: usize = 8;

/// Inspects each item, a few ahead of sending: a separate hop to a blocking thread for each of many
/// small files would cost more than sending them.
fn looked_at(
    items: Vec<BatchItem<Content>>,
    each: PinOptions,
    progress: Option<BatchProgress>,
) -> impl Stream<Item = (usize, Result<Look>)> + Send {
    let begun = async {
        let (found, looks) = mpsc::channel(AHEAD);
        let looking = tokio::task::spawn_blocking(move || {
            if let Some(progress) = &progress {
                progress.measure(&items, &each);
            }
            for (index, item) in items.into_iter().enumerate() {
                let look = look(index, item, each.clone(), progress.as_ref());
                if found.blocking_send((index, look)).is_err() {
                    break;
                }
            }
        });
        let batches = stream::unfold((looks, looking), async |(mut looks, looking)| {
            let mut few = Vec::with_capacity(AHEAD);
            if looks.recv_many(&mut few, AHEAD).await > 0 {
                return Some((stream::iter(few), (looks, looking)));
            }
            if let Err(ended) = looking.await
                && let Ok(panic) = ended.try_into_panic()
            {
                resume_unwind(panic);
            }
            None
        });
        batches.flatten()
    };
    stream::once(begun).flatten()
}

fn look(
    index: usize,
    item: BatchItem<Content>,
    mut options: PinOptions,
    progress: Option<&BatchProgress>,
) -> Result<Look> {
    override_metadata(&mut options.metadata, item.metadata);
    options.progress = progress.map(|progress| progress.of_item(index));
    let outgoing = Outgoing::new(item.subject?, &options)?;
    Ok(Look { outgoing, options })
}

/// Overrides the metadata of the batch by an item's own.
fn override_metadata(all: &mut Metadata, own: Metadata) {
    if own.name.is_some() {
        all.name = own.name;
    }
    all.keyvalues.extend(own.keyvalues);
}

/// Returns all results in the order of their items. They are gathered on a runtime thread, since
/// waking another thread for each would cost more than the rest of a small call.
async fn all<T: Send + 'static>(batch: Batch<T>) -> Vec<Result<T>> {
    let mut all: Vec<Completed<T>> = Task(tokio::spawn(batch.collect())).await;
    all.sort_unstable_by_key(|completed| completed.index);
    all.into_iter().map(|completed| completed.result).collect()
}

/// A stream of a batch's results, in order of completion. Dropping it stops the rest.
///
/// ```no_run
/// # async fn pin(client: w3pin::Client) -> w3pin::Result<()> {
/// use w3pin::BatchOptions;
///
/// let paths = ["art/1.png", "art/2.png"];
/// let mut batch = client.pin_files_as_completed(paths, BatchOptions::new().concurrency(8)?);
/// while let Some(completed) = batch.next().await {
///     match completed.result {
///         Ok(pin) => println!("{} is {}", paths[completed.index], pin.cid),
///         Err(error) => eprintln!("{}: {error}", paths[completed.index]),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Batch<T>(Pinned<Box<dyn Stream<Item = Completed<T>> + Send>>);

impl<T: Send + 'static> Batch<T> {
    /// Runs the calls on the runtime's threads.
    fn new<C>(calls: impl Stream<Item = C> + Send + 'static, concurrency: NonZeroUsize) -> Self
    where
        C: Future<Output = Completed<T>> + Send + 'static,
    {
        let tasks = calls.map(|call| Task(tokio::spawn(call)));
        Self(Box::pin(tasks.buffer_unordered(concurrency.get())))
    }

    /// Returns the next completed call, or `None` after the last.
    pub async fn next(&mut self) -> Option<Completed<T>> {
        self.0.next().await
    }
}

impl<T> Stream for Batch<T> {
    type Item = Completed<T>;

    fn poll_next(mut self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Completed<T>>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for Batch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").finish_non_exhaustive()
    }
}

/// A call that runs on any runtime thread and is aborted when its caller is dropped.
struct Task<T>(JoinHandle<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match ready!(Pinned::new(&mut self.0).poll(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // Only dropping this aborts the task, except when the runtime shuts down, and then
                // nobody polls it.
                Err(_) => Poll::Pending,
            },
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
