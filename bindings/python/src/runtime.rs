//! The runtimes shared by all clients of a process.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    thread,
};

use pyo3::{
    exceptions::{PyOSError, PyRuntimeError},
    prelude::*,
};
use tokio::{
    runtime::{Builder, Runtime},
    task::yield_now,
};

/// A runtime, and the process that created it. It is never dropped: its threads may be needed until
/// the process exits.
///
/// Locked only by threads that hold the interpreter. A forking thread holds it too, so a child
/// never finds this locked by a thread that doesn't exist in it.
struct Shared(Mutex<Option<(u32, &'static Runtime)>>);

/// The runtime of work that continues while Python does something else.
static BACKGROUND: Shared = Shared(Mutex::new(None));
/// The runtime of work that Python waits for. It has no threads: the waiting ones take turns at
/// driving it, so that nothing has to wake them.
static FOREGROUND: Shared = Shared(Mutex::new(None));

/// More threads would only wait for the network.
const MOST_THREADS: usize = 4;

impl Shared {
    /// Returns the process's runtime; a forked child creates its own, since threads aren't
    /// inherited.
    fn get(&self, builder: impl FnOnce() -> Builder) -> PyResult<&'static Runtime> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if let Some((maker, runtime)) = *shared
            && maker == process
        {
            return Ok(runtime);
        }
        let runtime = builder()
            .thread_name("w3pin")
            .enable_all()
            .build()
            .map_err(|cause| PyOSError::new_err(format!("no threads can be started: {cause}")))?;
        let runtime = &*Box::leak(Box::new(runtime));
        *shared = Some((process, runtime));
        Ok(runtime)
    }
}

pub(crate) fn background(_py: Python<'_>) -> PyResult<&'static Runtime> {
    BACKGROUND.get(|| {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads.min(MOST_THREADS));
        builder
    })
}

pub(crate) fn foreground(_py: Python<'_>) -> PyResult<&'static Runtime> {
    FOREGROUND.get(Builder::new_current_thread)
}

/// Lets the connections of the foreground notice what has happened since it was driven last.
pub(crate) async fn catch_up() {
    // The first turn polls the network, the second runs the tasks that are concerned.
    yield_now().await;
    yield_now().await;
}

/// The process that created a value, which a forked one can't use.
pub(crate) struct Process(u32);

impl Process {
    pub(crate) fn this() -> Self {
        Self(std::process::id())
    }

    pub(crate) fn check(&self) -> PyResult<()> {
        if self.0 == std::process::id() {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(
            "this was started by another process; start it again in this one",
        ))
    }
}
