//! All pins of the account, page by page.

use std::sync::Arc;

use pyo3::prelude::*;
use tokio::sync::Mutex;
use w3pin::ListPins;

use crate::{
    call::Call,
    convert::{KeyValues, optional_whole, parse},
    error::raise,
};

/// A listing under way. Only one page of it is read at a time.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct Pins {
    client: w3pin::Client,
    list: ListPins,
    pins: Arc<Mutex<w3pin::Pins>>,
}

impl Pins {
    pub(crate) fn new(client: w3pin::Client, list: ListPins) -> Self {
        Self {
            pins: Arc::new(Mutex::new(client.pins(list.clone()))),
            client,
            list,
        }
    }
}

#[pymethods]
impl Pins {
    /// The pins of the next page that has any; none at the end.
    fn next_page(&self) -> Call {
        let pins = Arc::clone(&self.pins);
        Call::new(async move { pins.lock().await.next_page().await.transpose() })
    }

    /// One page of the listing.
    fn page(&self, py: Python<'_>, offset: u64, limit: u32) -> PyResult<Call> {
        let list = self.list.clone().offset(offset).limit(limit);
        let list = list.map_err(|error| raise(py, &error))?;
        let client = self.client.clone();
        Ok(Call::new(async move { client.list_pins(&list).await }))
    }
}

/// What to list, as the caller says it.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct Listing(pub(crate) ListPins);

#[pymethods]
impl Listing {
    #[new]
    #[pyo3(signature = (*, offset=None, limit=None, pinned="all", sort_by="created_at", sort_order="desc", keyvalues=None))]
    fn new(
        py: Python<'_>,
        offset: Option<&Bound<'_, PyAny>>,
        limit: Option<&Bound<'_, PyAny>>,
        pinned: &str,
        sort_by: &str,
        sort_order: &str,
        keyvalues: Option<KeyValues>,
    ) -> PyResult<Self> {
        let mut list = ListPins::new()
            .offset(optional_whole("offset", offset)?.unwrap_or_default())
            .pinned(parse(py, pinned)?)
            .sort(parse(py, sort_by)?, parse(py, sort_order)?);
        list.keyvalues = keyvalues.map(|pairs| pairs.0).unwrap_or_default();
        if let Some(limit) = optional_whole("limit", limit)? {
            list = list.limit(limit).map_err(|error| raise(py, &error))?;
        }
        Ok(Self(list))
    }
}
