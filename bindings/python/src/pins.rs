//! All pins of the account, page by page.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use w3pin::{ListOptions, UnreadablePin};

use crate::{call::Call, client::Clients, results::ToPython, runtime::Process};

/// A listing in progress. Only one page of it is read at a time.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct PinPages {
    clients: Clients,
    list: ListOptions,
    pins: Arc<tokio::sync::Mutex<Option<w3pin::Pins>>>,
    unreadable: Arc<Mutex<Vec<UnreadablePin>>>,
    process: Process,
}

impl PinPages {
    pub(crate) fn new(clients: Clients, list: ListOptions) -> Self {
        Self {
            clients,
            list,
            pins: Arc::default(),
            unreadable: Arc::default(),
            process: Process::this(),
        }
    }
}

#[pymethods]
impl PinPages {
    /// Returns the pins of the next nonempty page, or nothing at the end.
    fn next(&self) -> PyResult<Call> {
        self.process.check()?;
        let (pins, unreadable) = (Arc::clone(&self.pins), Arc::clone(&self.unreadable));
        let list = self.list.clone();
        let begin = async move |client: w3pin::Client| {
            let mut pins = pins.lock().await;
            let pins = pins.get_or_insert_with(|| client.pins(list));
            let page = pins.next_page().await;
            let mut known = unreadable.lock().unwrap_or_else(PoisonError::into_inner);
            let new = pins.unreadable().iter().skip(known.len());
            known.extend(new.cloned());
            page.transpose()
        };
        Ok(Call::of(self.clients.clone(), None, begin))
    }

    /// Entries of the pages read so far that can't be read as pins.
    fn unreadable(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let known = self
            .unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.clone().to_python(py)
    }
}
