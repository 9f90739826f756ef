//! The runtime shared by all clients of a process.

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

/// It is never dropped: its threads may be needed until the process exits.
static SHARED: Mutex<Option<&'static Runtime>> = Mutex::new(None);

/// More threads would only wait for the network.
const MOST_THREADS: usize = 4;

/// Returns the process's runtime, which the first call starts.
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

/// Runs work on the runtime's own threads, since the caller may be the app's main thread. Dropping
/// the future stops it.
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

/// Returns the result of a task. A panic continues here, up to where it is caught.
pub(crate) fn joined<T>(result: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    match result {
        Ok(result) => result,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            Err(_) => Err(Error::new(ErrorKind::LocalIo, "the process is exiting")),
        },
    }
}

struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
