//! The runtime that all clients of a process share.

use std::{
    io,
    num::NonZeroUsize,
    panic,
    sync::{Mutex, PoisonError},
    thread,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::{AbortHandle, JoinError},
};
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

/// Runs work on the runtime's own threads, as whoever waits for it may be the app's main thread.
/// Dropping it stops it.
pub(crate) async fn within<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let runtime = shared().map_err(|cause| {
        Error::new(ErrorKind::LocalIo, "no threads can be started").with_source(cause)
    })?;
    let task = runtime.spawn(work);
    let _stopped_by_drop = Task(task.abort_handle());
    joined(task.await)
}

/// What a task gave. Its panic goes on here, to where it is caught.
pub(crate) fn joined<T>(result: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    match result {
        Ok(result) => result,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            Err(_) => Err(Error::new(
                ErrorKind::LocalIo,
                "the process is ending, so nothing can be done any more",
            )),
        },
    }
}

struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
