//! The client behind both of Python's clients.

use pyo3::{exceptions::PyRuntimeError, prelude::*, types::PyDict};
use serde_json::value::RawValue;
use w3pin::{ClientBuilder, PinOptions, PreparedUpload, Result};

use crate::{
    arguments::{
        self, bytes, cid_items, content, count, file_items, folder, ids, invalid, path, text,
    },
    batch::CompletedCalls,
    call::{Call, Callbacks},
    error::{invalid_upload, raise},
    feed::{Feed, asked_for},
    options::{Options, Takes},
    per_process::PerProcess,
    pins::PinPages,
    retriever::NativeRetriever,
    runtime,
};

pub(crate) mod settings;

/// A client and its settings.
///
/// Its methods take the arguments of the operation and a dictionary of its options.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct NativeClient {
    builder: ClientBuilder,
    endpoint: String,
    made: PerProcess<Clients>,
}

/// A client with separate connections for each runtime.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) background: w3pin::Client,
    pub(crate) foreground: w3pin::Client,
}

impl From<w3pin::Client> for Clients {
    fn from(client: w3pin::Client) -> Self {
        Self {
            foreground: client.with_separate_connections(),
            background: client,
        }
    }
}

type Value<'a, 'py> = &'a Bound<'py, PyAny>;
type Keywords<'py> = Bound<'py, PyDict>;

impl NativeClient {
    /// Returns the client for work in the background.
    pub(crate) fn client(&self, py: Python<'_>) -> PyResult<w3pin::Client> {
        Ok(self.clients(py)?.background)
    }

    /// Returns the clients. A forked child creates its own, since it can't use the parent's
    /// connections, and the parent's threads don't exist in it.
    fn clients(&self, py: Python<'_>) -> PyResult<Clients> {
        let build = || {
            let client = self.builder.clone().build();
            client.map(Clients::from).map_err(|error| raise(py, &error))
        };
        let closed = || PyRuntimeError::new_err("the client is closed");
        self.made.get(build)?.ok_or_else(closed)
    }

    fn pin<Work>(
        &self,
        py: Python<'_>,
        options: Options<'_>,
        takes: Takes,
        pin: impl FnOnce(w3pin::Client, PinOptions) -> Work + Send + 'static,
    ) -> PyResult<Call>
    where
        Work: Future<Output = Result<w3pin::Pin>> + Send + 'static,
    {
        let (mut pin_options, progress) = options.pin(takes)?;
        options.finish()?;
        let (callbacks, _) = Callbacks::of_upload(&mut pin_options, progress, None);
        Ok(Call::of(self.clients(py)?, callbacks, |client| {
            pin(client, pin_options)
        }))
    }
}

#[pymethods]
impl NativeClient {
    #[new]
    fn new(
        py: Python<'_>,
        api_key: Value<'_, '_>,
        secret_key: Value<'_, '_>,
        settings: Keywords<'_>,
    ) -> PyResult<Self> {
        let builder = settings::of_client(api_key, secret_key, settings)?;
        let client = builder.clone().build();
        let client = client.map_err(|error| raise(py, &error))?;
        Ok(Self {
            builder,
            endpoint: client.endpoint().to_string(),
            made: PerProcess::new(client.into()),
        })
    }

    #[getter]
    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Closes the connections once calls in progress have ended.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.made.close();
        runtime::foreground(py)?.block_on(runtime::catch_up());
        Ok(())
    }

    fn retriever(this: &Bound<'_, Self>) -> PyResult<NativeRetriever> {
        NativeRetriever::of_client(this)
    }

    fn pin_file(
        &self,
        py: Python<'_>,
        path: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let path = self::path("path", path)?;
        let options = Options::new("pin_file", options);
        self.pin(py, options, Takes::FILE, async move |client, options| {
            client.pin_file(path, options).await
        })
    }

    fn pin_car(
        &self,
        py: Python<'_>,
        path: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let path = self::path("path", path)?;
        let options = Options::new("pin_car", options);
        self.pin(py, options, Takes::CAR, async move |client, options| {
            client.pin_car(path, options).await
        })
    }

    fn pin_folder(
        &self,
        py: Python<'_>,
        folder: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let folder = self::folder("folder", folder)?;
        let options = Options::new("pin_folder", options);
        self.pin(py, options, Takes::FOLDER, async move |client, options| {
            client.pin_folder(folder, options).await
        })
    }

    fn sync_folder(
        &self,
        py: Python<'_>,
        folder: Value<'_, '_>,
        name: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (folder, name) = (self::folder("folder", folder)?, text("name", name)?);
        let (options, callbacks) = Options::new("sync_folder", options).sync()?;
        let begin =
            async move |client: w3pin::Client| client.sync_folder(folder, name, options).await;
        Ok(Call::of(self.clients(py)?, callbacks, begin))
    }

    fn pin_path(
        &self,
        py: Python<'_>,
        path: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let path = self::path("path", path)?;
        let options = Options::new("pin_path", options);
        self.pin(py, options, Takes::EITHER, async move |client, options| {
            client.pin_path(path, options).await
        })
    }

    fn pin_bytes(
        &self,
        py: Python<'_>,
        bytes: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let bytes = self::bytes("bytes", bytes)?;
        let options = Options::new("pin_bytes", options);
        self.pin(py, options, Takes::FILE, async move |client, options| {
            client.pin_bytes(bytes, options).await
        })
    }

    /// Pins a value that is given as JSON.
    fn pin_json(&self, py: Python<'_>, json: String, options: Keywords<'_>) -> PyResult<Call> {
        let json = RawValue::from_string(json).map_err(|cause| {
            invalid(
                py,
                "value",
                format!("the value can't be converted to JSON: {cause}"),
            )
        })?;
        let options = Options::new("pin_json", options);
        self.pin(py, options, Takes::FILE, async move |client, options| {
            client.pin_json(&json, options).await
        })
    }

    /// Pins a stream: the results of a function that returns blocks until an empty one, or the
    /// content of a feed.
    fn pin_stream(
        &self,
        py: Python<'_>,
        source: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let client = self.client(py)?;
        let options = Options::new("pin_stream", options);
        let (mut pin, progress) = options.pin(Takes::FILE)?;
        let length = options.take("length", count)?;
        options.finish()?;
        let feed = source.cast::<Feed>().ok();
        let next_block = feed.is_none().then(|| source.clone().unbind());
        let (callbacks, requests) = Callbacks::of_upload(&mut pin, progress, next_block);
        let mut stream = match feed {
            Some(feed) => feed.get().stream()?,
            None => asked_for(requests),
        };
        if let Some(bytes) = length {
            stream = stream.length(bytes);
        }
        let work = async move { client.pin_stream(stream, pin).await };
        Ok(Call::with_callbacks(work, callbacks))
    }

    fn pin_by_cid(
        &self,
        py: Python<'_>,
        cid: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (clients, cid) = (self.clients(py)?, arguments::cid("cid", cid)?);
        let options = Options::new("pin_by_cid", options);
        let pin = options.pin_by_cid()?;
        options.finish()?;
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.pin_by_cid(&cid, pin).await,
        ))
    }

    fn get_pin(&self, py: Python<'_>, id: Value<'_, '_>) -> PyResult<Call> {
        let (clients, id) = (self.clients(py)?, arguments::id("id", id)?);
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.get_pin(&id).await,
        ))
    }

    fn list_pins(&self, py: Python<'_>, options: Keywords<'_>) -> PyResult<Call> {
        let clients = self.clients(py)?;
        let options = Options::new("list_pins", options);
        let list = options.list()?;
        options.finish()?;
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.list_pins(&list).await,
        ))
    }

    fn pins(&self, py: Python<'_>, options: Keywords<'_>) -> PyResult<PinPages> {
        let options = Options::new("pins", options);
        let list = options.list()?;
        options.finish()?;
        Ok(PinPages::new(self.clients(py)?, list))
    }

    fn unpin(&self, py: Python<'_>, id: Value<'_, '_>) -> PyResult<Call> {
        let (clients, id) = (self.clients(py)?, arguments::id("id", id)?);
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.unpin(&id).await,
        ))
    }

    fn wait_until_pinned(
        &self,
        py: Python<'_>,
        id: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (clients, id) = (self.clients(py)?, arguments::id("id", id)?);
        let options = Options::new("wait_until_pinned", options);
        let wait = options.wait()?;
        options.finish()?;
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.wait_until_pinned(&id, wait).await,
        ))
    }

    fn check_credentials(&self, py: Python<'_>) -> PyResult<Call> {
        let clients = self.clients(py)?;
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.check_credentials().await,
        ))
    }

    fn pin_files(
        &self,
        py: Python<'_>,
        items: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (client, items) = (self.client(py)?, file_items("items", items)?);
        let (batch, callbacks) = Options::new("pin_files", options).pin_files()?;
        let work = async move { Ok(client.pin_files(items, batch).await) };
        Ok(Call::with_callbacks(work, callbacks))
    }

    fn pin_files_as_completed(
        &self,
        py: Python<'_>,
        items: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<CompletedCalls> {
        let (client, items) = (self.client(py)?, file_items("items", items)?);
        let (batch, callbacks) = Options::new("pin_files_as_completed", options).pin_files()?;
        Ok(CompletedCalls::new(
            client.pin_files_as_completed(items, batch),
            callbacks,
        ))
    }

    fn pin_cids(
        &self,
        py: Python<'_>,
        items: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (client, items) = (self.client(py)?, cid_items("items", items)?);
        let batch = Options::new("pin_cids", options).pin_cids()?;
        Ok(Call::new(
            async move { Ok(client.pin_cids(items, batch).await) },
        ))
    }

    fn pin_cids_as_completed(
        &self,
        py: Python<'_>,
        items: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<CompletedCalls> {
        let (client, items) = (self.client(py)?, cid_items("items", items)?);
        let batch = Options::new("pin_cids_as_completed", options).pin_cids()?;
        Ok(CompletedCalls::new(
            client.pin_cids_as_completed(items, batch),
            None,
        ))
    }

    fn unpin_many(
        &self,
        py: Python<'_>,
        ids: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (client, ids) = (self.client(py)?, self::ids("ids", ids)?);
        let batch = Options::new("unpin_many", options).unpin_many()?;
        Ok(Call::new(
            async move { Ok(client.unpin_many(ids, batch).await) },
        ))
    }

    fn unpin_many_as_completed(
        &self,
        py: Python<'_>,
        ids: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<CompletedCalls> {
        let (client, ids) = (self.client(py)?, self::ids("ids", ids)?);
        let batch = Options::new("unpin_many_as_completed", options).unpin_many()?;
        Ok(CompletedCalls::new(
            client.unpin_many_as_completed(ids, batch),
            None,
        ))
    }

    fn prepare_upload(
        &self,
        py: Python<'_>,
        content: Value<'_, '_>,
        body: Value<'_, '_>,
        options: Keywords<'_>,
    ) -> PyResult<Call> {
        let (content, body) = (self::content("content", content)?, path("body", body)?);
        let options = Options::new("prepare_upload", options);
        let prepare = options.prepare()?;
        options.finish()?;
        let clients = self.clients(py)?;
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| client.prepare_upload(content, body, prepare).await,
        ))
    }

    /// Checks the response to a prepared upload, which Python has stored as this text.
    fn finish_upload(
        &self,
        py: Python<'_>,
        kept: &str,
        status: Value<'_, '_>,
        response: Value<'_, '_>,
    ) -> PyResult<Call> {
        let (status, response) = (count("status", status)?, bytes("response", response)?);
        let upload: PreparedUpload =
            serde_json::from_str(kept).map_err(|cause| invalid_upload(py, &cause))?;
        let clients = self.clients(py)?;
        Ok(Call::of(
            clients,
            None,
            async move |client: w3pin::Client| {
                client.finish_upload(&upload, status, response).await
            },
        ))
    }
}
