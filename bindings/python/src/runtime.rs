//! The runtime that all clients of a process share.

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

/// The process that made it, and the runtime. It is never dropped: a thread of it may be needed until
/// the process ends.
///
/// Locked by threads that hold the interpreter only. Whoever forks holds it too, so a child never
/// finds this locked by a thread that it doesn't have.
static SHARED: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// More threads than this would wait for the network only.
const MOST_THREADS: usize = 4;

/// The process's runtime; a forked child makes one of its own, as threads aren't inherited.
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

/// The process that made something, which another one, a fork of it, can't go on with.
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
            "this was begun by another process; begin it anew in this one",
        ))
    }
}
