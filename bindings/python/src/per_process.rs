//! Values that a forked child can't share with its parent.

use std::{
    mem, process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use pyo3::prelude::*;
use tokio::sync::MutexGuard;

use crate::runtime::{self, Process};

/// A value with connections and threads, of which each process has its own.
///
/// Locked only by threads that hold the interpreter, so a forked child never finds it locked.
pub(crate) struct PerProcess<T>(Mutex<(u32, Option<T>)>);

impl<T: Clone> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new((process::id(), Some(value))))
    }

    /// Returns this process's own value, creating it if another process created the existing one;
    /// `None` once it is closed.
    pub(crate) fn get(&self, make: impl FnOnce() -> PyResult<T>) -> PyResult<Option<T>> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.0 != process::id() {
            let inherited = made.1.as_ref();
            let own = inherited.map(|_| make()).transpose()?;
            mem::forget(mem::replace(&mut made.1, own));
            made.0 = process::id();
        }
        Ok(made.1.clone())
    }

    pub(crate) fn close(&self) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = made.1.take();
        if made.0 != process::id() {
            mem::forget(value);
            made.0 = process::id();
        }
    }
}

/// A value in use by a call, which the calls of a process use one after the other.
pub(crate) struct InTurn<T: Send + 'static> {
    place: Arc<Place<T>>,
    process: Process,
}

/// Holds the value until it is closed.
pub(crate) struct Place<T> {
    value: tokio::sync::Mutex<Option<T>>,
    closed: AtomicBool,
}

impl<T> Place<T> {
    /// Returns the value once no other call uses it.
    pub(crate) async fn lock(&self) -> MutexGuard<'_, Option<T>> {
        let mut value = self.value.lock().await;
        if self.closed.load(Ordering::Acquire) {
            value.take();
        }
        value
    }
}

impl<T: Send + 'static> InTurn<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            place: Arc::new(Place {
                value: tokio::sync::Mutex::new(Some(value)),
                closed: AtomicBool::new(false),
            }),
            process: Process::this(),
        }
    }

    pub(crate) fn place(&self) -> PyResult<Arc<Place<T>>> {
        self.process.check()?;
        Ok(Arc::clone(&self.place))
    }

    /// Closes the value once the call in progress has ended.
    pub(crate) fn close(&self, py: Python<'_>) -> PyResult<()> {
        if self.process.check().is_err() {
            return Ok(());
        }
        self.place.closed.store(true, Ordering::Release);
        let place = Arc::clone(&self.place);
        runtime::background(py)?.spawn(async move { drop(place.lock().await) });
        Ok(())
    }
}

impl<T: Send + 'static> Drop for InTurn<T> {
    fn drop(&mut self) {
        // It is dropped in the context of its timers, which doesn't exist when the interpreter is
        // exiting. In a forked child its sockets belong to the parent.
        let ours = self.process.check().is_ok();
        let closed = ours.then(|| Python::try_attach(|py| self.close(py).is_ok()));
        if closed.flatten() != Some(true) {
            mem::forget(Arc::clone(&self.place));
        }
    }
}
