//! Content that the app provides block by block on request.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::stream;
use tokio::sync::{mpsc, oneshot};
use w3pin::ByteStream;

/// Passes blocks of content from the app to the engine on demand.
#[derive(uniffi::Object)]
pub struct BytePipe {
    engine: Mutex<Option<mpsc::Sender<Demand>>>,
    demands: tokio::sync::Mutex<mpsc::Receiver<Demand>>,
    current: Mutex<Option<Demand>>,
}

/// Takes the next block, or nothing at the end.
type Demand = oneshot::Sender<Option<Vec<u8>>>;

#[uniffi::export]
impl BytePipe {
    /// Creates a pipe for a call that is about to start.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        let (engine, demands) = mpsc::channel(1);
        Arc::new(Self {
            engine: Mutex::new(Some(engine)),
            demands: tokio::sync::Mutex::new(demands),
            current: Mutex::new(None),
        })
    }

    /// Waits until the engine wants a block. Returns false once it wants no more.
    pub async fn is_wanted(&self) -> bool {
        let demand = self.demands.lock().await.recv().await;
        let wanted = demand.is_some();
        *lock(&self.current) = demand;
        wanted
    }

    /// Provides the requested block, or nothing at the end.
    pub fn give(&self, block: Option<Vec<u8>>) {
        let demand = lock(&self.current).take();
        // If the engine is gone, the block isn't needed.
        let _ = demand.map(|demand| demand.send(block));
    }

    /// Ends the pipe of a call that may not have started.
    pub fn end(&self) {
        lock(&self.engine).take();
    }
}

impl BytePipe {
    /// Returns the content as read by the engine.
    pub(crate) fn stream(&self) -> ByteStream {
        let engine = lock(&self.engine).take();
        ByteStream::new(stream::unfold(engine, async |engine| {
            let engine = engine?;
            let (demand, block) = oneshot::channel();
            let asked = engine.send(demand).await;
            match (asked, block.await) {
                (Ok(()), Ok(Some(block))) => Some((Ok(block.into()), Some(engine))),
                (Ok(()), Ok(None)) => None,
                _ => {
                    let gone = io::Error::other("the app stopped reading its stream");
                    Some((Err(gone), None))
                }
            }
        }))
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
