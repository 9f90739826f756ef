//! The runtime that all clients of a process share.

use std::{
    io,
    num::NonZeroUsize,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    thread,
};

use tokio::runtime::{Builder, Handle, Runtime};
use w3pin::{Error, ErrorKind, Result};

/// It is never dropped: a thread of it may be needed until the process ends.
static SHARED: Mutex<Option<&'static Runtime>> = Mutex::new(None);

/// More threads than this would wait for the network only.
const MOST_THREADS: usize = 4;

/// The process's runtime, started by its first call.
fn shared() -> io::Result<&'static Handle> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = *shared {
        return Ok(runtime.handle());
    }
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads.min(MOST_THREADS))
        .thread_name("w3pin")
        .enable_all()
        .build()?;
    let runtime = &*Box::leak(Box::new(runtime));
    *shared = Some(runtime);
    Ok(runtime.handle())
}

/// Runs work within the runtime, whichever thread asks how far it is. Dropping it stops it.
pub(crate) async fn within<T: Send>(work: impl Future<Output = Result<T>> + Send) -> Result<T> {
    let runtime = shared().map_err(|cause| {
        Error::new(ErrorKind::LocalIo, "no threads can be started").with_source(cause)
    })?;
    let work = Some(Box::pin(work));
    Within { runtime, work }.await
}

struct Within<F> {
    runtime: &'static Handle,
    work: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = self.runtime.enter();
        match &mut self.work {
            Some(work) => work.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for Within<F> {
    fn drop(&mut self) {
        // What is dropped may need the runtime to end its timers and sockets.
        let _entered = self.runtime.enter();
        self.work = None;
    }
}
