//! The runtime shared by all clients of a process.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    thread,
};

use pyo3::{
    exceptions::{PyOSError, PyRuntimeError},
    prelude::*,
};
use tokio::runtime::{Builder, Runtime};

/// The runtime, and the process that created it. It is never dropped: its threads may be needed
/// until the process exits.
///
/// Locked only by threads that hold the interpreter. A forking thread holds it too, so a child
/// never finds this locked by a thread that doesn't exist in it.
static SHARED: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// More threads would only wait for the network.
const MOST_THREADS: usize = 4;

/// Returns the process's runtime; a forked child creates its own, since threads aren't inherited.
pub(crate) fn shared(_py: Python<'_>) -> PyResult<&'static Runtime> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((maker, runtime)) = *shared
        && maker == process
    {
        return Ok(runtime);
    }
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads.min(MOST_THREADS))
        .thread_name("w3pin")
        .enable_all()
        .build()
        .map_err(|cause| PyOSError::new_err(format!("no threads can be started: {cause}")))?;
    let runtime = &*Box::leak(Box::new(runtime));
    *shared = Some((process, runtime));
    Ok(runtime)
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
