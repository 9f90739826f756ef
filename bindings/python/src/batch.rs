//! Batches, whose results are returned as they become available.

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};
use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::{
    call::{Call, Callbacks},
    results::ToPython,
    runtime::Process,
};

/// A batch in progress, stopped when it is garbage collected.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct CompletedCalls {
    calls: Arc<dyn Calls>,
    callbacks: Option<Arc<Callbacks>>,
    process: Process,
}

/// A batch, whatever its calls return.
trait Calls: Send + Sync {
    fn next(self: Arc<Self>) -> BoxFuture<'static, Option<Box<dyn Boxed>>>;
}

struct Shared<T>(Mutex<w3pin::Batch<T>>);

impl<T: ToPython + Send + 'static> Calls for Shared<T> {
    fn next(self: Arc<Self>) -> BoxFuture<'static, Option<Box<dyn Boxed>>> {
        async move {
            let completed = self.0.lock().await.next().await?;
            Some(Box::new(completed) as Box<dyn Boxed>)
        }
        .boxed()
    }
}

/// A value of any type that becomes a Python object.
trait Boxed: Send {
    fn to_python(self: Box<Self>, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

impl<T: ToPython + Send> Boxed for T {
    fn to_python(self: Box<Self>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        ToPython::to_python(*self, py)
    }
}

impl ToPython for Box<dyn Boxed> {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Boxed::to_python(self, py)
    }
}

impl CompletedCalls {
    pub(crate) fn new<T: ToPython + Send + 'static>(
        batch: w3pin::Batch<T>,
        callbacks: Option<Callbacks>,
    ) -> Self {
        Self {
            calls: Arc::new(Shared(Mutex::new(batch))),
            callbacks: callbacks.map(Arc::new),
            process: Process::this(),
        }
    }
}

#[pymethods]
impl CompletedCalls {
    /// Returns the next completed call, or nothing after the last.
    fn next(&self) -> PyResult<Call> {
        self.process.check()?;
        let calls = Arc::clone(&self.calls);
        let work = async move { Ok(calls.next().await) };
        Ok(Call::with_callbacks(work, self.callbacks.clone()))
    }
}
