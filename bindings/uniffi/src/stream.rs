//! Content that the app gives block by block, when it is asked to.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::stream;
use tokio::sync::{mpsc, oneshot};
use w3pin::ByteStream;

/// Hands blocks of content from the app to the engine, one whenever the engine wants one.
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
    /// A pipe for one call that is about to begin.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        let (engine, demands) = mpsc::channel(1);
        Arc::new(Self {
            engine: Mutex::new(Some(engine)),
            demands: tokio::sync::Mutex::new(demands),
            current: Mutex::new(None),
        })
    }

    /// Waits until the engine wants a block; false once it wants no more.
    pub async fn is_wanted(&self) -> bool {
        let demand = self.demands.lock().await.recv().await;
        let wanted = demand.is_some();
        *lock(&self.current) = demand;
        wanted
    }

    /// Gives the block that is wanted, or nothing at the end.
    pub fn give(&self, block: Option<Vec<u8>>) {
        let demand = lock(&self.current).take();
        // Where the engine is gone, nobody misses the block.
        let _ = demand.map(|demand| demand.send(block));
    }

    /// Ends the pipe of a call that may not have begun.
    pub fn end(&self) {
        lock(&self.engine).take();
    }
}

impl BytePipe {
    /// The content as the engine reads it.
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
