//! The retriever behind both of Python's retrievers.

use pyo3::{exceptions::PyRuntimeError, prelude::*, types::PyDict};
use w3pin::ClientBuilder;

use crate::{
    arguments::{self, ipfs_path},
    call::Call,
    client::{NativeClient, settings},
    error::raise,
    options::Options,
    per_process::PerProcess,
    retrieved::{ContentPieces, EntryGroups, OpenFile},
};

/// A retriever and its settings.
///
/// Its methods take the arguments of the operation and a dictionary of its options.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct NativeRetriever {
    origin: Origin,
    made: PerProcess<w3pin::Retriever>,
}

enum Origin {
    Settings(Box<ClientBuilder>),
    Client(Py<NativeClient>),
}

impl Origin {
    fn retriever(&self, py: Python<'_>) -> PyResult<w3pin::Retriever> {
        match self {
            Self::Settings(builder) => {
                let retriever = (**builder).clone().retriever();
                retriever.map_err(|error| raise(py, &error))
            }
            Self::Client(client) => Ok(client.get().client(py)?.retriever()),
        }
    }
}

type Value<'a, 'py> = &'a Bound<'py, PyAny>;
type Keywords<'py> = Bound<'py, PyDict>;

impl NativeRetriever {
    pub(crate) fn of_client(client: &Bound<'_, NativeClient>) -> PyResult<Self> {
        Self::of(client.py(), Origin::Client(client.clone().unbind()))
    }

    fn of(py: Python<'_>, origin: Origin) -> PyResult<Self> {
        let made = PerProcess::new(origin.retriever(py)?);
        Ok(Self { origin, made })
    }

    fn retriever(&self, py: Python<'_>) -> PyResult<w3pin::Retriever> {
        let made = self.made.get(|| self.origin.retriever(py))?;
        made.ok_or_else(|| PyRuntimeError::new_err("the retriever is closed"))
    }
}

#[pymethods]
impl NativeRetriever {
    #[new]
    fn new(py: Python<'_>, settings: Keywords<'_>) -> PyResult<Self> {
        let builder = settings::of_retriever(settings)?;
        Self::of(py, Origin::Settings(Box::new(builder)))
    }

    /// Closes the connections once calls in progress have ended.
    fn close(&self) {
        self.made.close();
    }

    fn resolve(&self, py: Python<'_>, path: Value<'_, '_>) -> PyResult<Call> {
        let (retriever, path) = (self.retriever(py)?, ipfs_path("path", path)?);
        Ok(Call::new(async move { retriever.resolve(&path).await }))
    }

    fn read(&self, py: Python<'_>, path: Value<'_, '_>, options: Keywords<'_>) -> PyResult<Call> {
        let (retriever, path) = (self.retriever(py)?, ipfs_path("path", path)?);
        let read = Options::new("read", options).read()?;
        Ok(Call::new(async move { retriever.read(&path, read).await }))
    }

    fn stream(
        &self,
        py: Python<'_>,
        path: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<ContentPieces> {
        let (retriever, path) = (self.retriever(py)?, ipfs_path("path", path)?);
        let read = Options::new("stream", options).read()?;
        Ok(ContentPieces::new(retriever.stream(&path, read)))
    }

    fn open(&self, py: Python<'_>, path: Value<'_, '_>) -> PyResult<Call> {
        let (retriever, path) = (self.retriever(py)?, ipfs_path("path", path)?);
        Ok(Call::new(async move {
            retriever.open(&path).await.map(OpenFile::new)
        }))
    }

    fn list(&self, py: Python<'_>, path: Value<'_, '_>) -> PyResult<EntryGroups> {
        let (retriever, path) = (self.retriever(py)?, ipfs_path("path", path)?);
        Ok(EntryGroups::new(retriever.list(&path)))
    }

    fn fetch(
        &self,
        py: Python<'_>,
        path: Value<'_, '_>,
        destination: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (retriever, path) = (self.retriever(py)?, ipfs_path("path", path)?);
        let destination = arguments::path("destination", destination)?;
        let (fetch, callbacks) = Options::new("fetch", options).fetch()?;
        let work = async move { retriever.fetch(&path, destination, fetch).await };
        Ok(Call::with_callbacks(work, callbacks))
    }
}
