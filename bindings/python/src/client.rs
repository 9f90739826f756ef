//! The client that both of Python's clients stand on.

use std::{
    num::NonZeroU32,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use pyo3::{exceptions::PyTypeError, prelude::*};
use serde_json::value::RawValue;
use w3pin::{ClientBuilder, ManyOptions, Pacing, PinOptions, Result, Settings, VerifyOptions};

use crate::{
    call::Call,
    convert::{
        cid as parse_cid, optional_seconds, optional_whole, parse, pin_id,
        profile as parse_profile, whole,
    },
    error::raise,
    feed::{Feed, asked_for},
    options::{ByCidOptions, UploadOptions},
    pins::{Listing, Pins},
    policies::{RetryPolicy, wait_policy},
};

/// A client's settings, and the client.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct Client {
    builder: ClientBuilder,
    /// The process that made it, and the client. Locked by threads that hold the interpreter only, so
    /// that a forked child never finds it locked.
    made: Mutex<(u32, Option<w3pin::Client>)>,
}

impl Client {
    /// The client. A forked child makes one of its own: the parent's connections aren't the child's to
    /// use, and the threads that served them aren't there.
    fn client(&self, py: Python<'_>) -> PyResult<w3pin::Client> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if made.0 != process {
            let client = self.builder.clone().build();
            let client = client.map_err(|error| raise(py, &error))?;
            std::mem::forget(made.1.replace(client));
            made.0 = process;
        }
        match &made.1 {
            Some(client) => Ok(client.clone()),
            None => Err(pyo3::exceptions::PyRuntimeError::new_err(
                "the client is closed",
            )),
        }
    }

    fn upload<Work>(
        &self,
        py: Python<'_>,
        options: &UploadOptions,
        pin: impl FnOnce(w3pin::Client, PinOptions) -> Work,
    ) -> PyResult<Call>
    where
        Work: Future<Output = Result<w3pin::Pin>> + Send + 'static,
    {
        let client = self.client(py)?;
        let (options, callbacks) = options.begin(py);
        Ok(Call::with_callbacks(pin(client, options), callbacks))
    }
}

#[derive(FromPyObject)]
enum Content {
    Bytes(Bytes),
    Path(PathBuf),
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (api_key=None, secret_key=None, *, endpoint=None, insecure_http=None, profile=None, connect_timeout=None, idle_timeout=None, call_timeout=None, retry=None, requests_per_minute=None, proxy=None, root_certificates=None, platform_roots=false, user_agent=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the caller's own keywords"
    )]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        secret_key: Option<String>,
        endpoint: Option<String>,
        insecure_http: Option<bool>,
        profile: Option<&str>,
        connect_timeout: Option<&Bound<'_, PyAny>>,
        idle_timeout: Option<&Bound<'_, PyAny>>,
        call_timeout: Option<&Bound<'_, PyAny>>,
        retry: Option<&Bound<'_, RetryPolicy>>,
        requests_per_minute: Option<&Bound<'_, PyAny>>,
        proxy: Option<&Bound<'_, PyAny>>,
        root_certificates: Option<&[u8]>,
        platform_roots: bool,
        user_agent: Option<&str>,
    ) -> PyResult<Self> {
        let refuse = |error| raise(py, &error);
        let mut settings = Settings::load().map_err(refuse)?;
        if let Some(key) = api_key {
            settings = settings.api_key(key);
        }
        if let Some(key) = secret_key {
            settings = settings.secret_key(key);
        }
        if let Some(endpoint) = endpoint {
            settings = settings.endpoint(endpoint);
        }
        if let Some(allow) = insecure_http {
            settings = settings.insecure_http(allow);
        }
        let mut builder = settings.builder().map_err(refuse)?;
        if let Some(name) = profile {
            builder = builder.profile(parse_profile(py, name)?);
        }
        if let Some(timeout) = optional_seconds("connect_timeout", connect_timeout)? {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = optional_seconds("idle_timeout", idle_timeout)? {
            builder = builder.idle_timeout(timeout);
        }
        if let Some(timeout) = optional_seconds("call_timeout", call_timeout)? {
            builder = builder.call_timeout(timeout);
        }
        if let Some(policy) = retry {
            builder = builder.retry(policy.get().0.clone());
        }
        if let Some(number) = optional_whole("requests_per_minute", requests_per_minute)? {
            builder =
                builder.pacing(NonZeroU32::new(number).map_or(Pacing::Off, Pacing::PerMinute));
        }
        builder = match proxy {
            None => builder,
            Some(proxy) => match (proxy.extract::<&str>(), proxy.extract::<bool>()) {
                (Ok(url), _) => builder.proxy(url),
                (_, Ok(false)) => builder.no_proxy(),
                _ => return Err(PyTypeError::new_err("proxy takes a URL, or False for none")),
            },
        };
        if let Some(pem) = root_certificates {
            builder = builder.root_certificates_pem(pem);
        }
        if let Some(user_agent) = user_agent {
            builder = builder.user_agent(user_agent);
        }
        builder = builder.platform_roots(platform_roots);
        let client = builder.clone().build().map_err(refuse)?;
        Ok(Self {
            builder,
            made: Mutex::new((std::process::id(), Some(client))),
        })
    }

    /// Where the service is.
    #[getter]
    fn endpoint(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.client(py)?.endpoint().to_string())
    }

    /// Closes the connections once what is under way has ended.
    fn close(&self) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let client = made.1.take();
        if made.0 == std::process::id() {
            drop(client);
        } else {
            std::mem::forget(client);
            made.0 = std::process::id();
        }
    }

    fn pin_file(&self, py: Python<'_>, path: PathBuf, options: &UploadOptions) -> PyResult<Call> {
        self.upload(py, options, async move |client, options| {
            client.pin_file(path, options).await
        })
    }

    fn pin_folder(&self, py: Python<'_>, path: PathBuf, options: &UploadOptions) -> PyResult<Call> {
        self.upload(py, options, async move |client, options| {
            client.pin_folder(path, options).await
        })
    }

    fn pin_path(&self, py: Python<'_>, path: PathBuf, options: &UploadOptions) -> PyResult<Call> {
        self.upload(py, options, async move |client, options| {
            client.pin_path(path, options).await
        })
    }

    fn pin_bytes(&self, py: Python<'_>, data: Bytes, options: &UploadOptions) -> PyResult<Call> {
        self.upload(py, options, async move |client, options| {
            client.pin_bytes(data, options).await
        })
    }

    /// Pins a document that is JSON already.
    fn pin_json(&self, py: Python<'_>, json: String, options: &UploadOptions) -> PyResult<Call> {
        let json = RawValue::from_string(json)
            .map_err(|cause| pyo3::exceptions::PyValueError::new_err(cause.to_string()))?;
        self.upload(py, options, async move |client, options| {
            client.pin_json(&json, options).await
        })
    }

    /// Pins a stream: what a function gives block by block until it gives an empty one, or what is
    /// put into a feed.
    fn pin_stream(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        length: Option<&Bound<'_, PyAny>>,
        options: &UploadOptions,
    ) -> PyResult<Call> {
        let client = self.client(py)?;
        let (options, callbacks, stream) = match source.cast::<Feed>() {
            Ok(feed) => {
                let (options, callbacks, _) = options.begin_stream(py, None);
                (options, callbacks, feed.get().stream()?)
            }
            Err(_) => {
                let next_block = source.clone().unbind();
                let (options, callbacks, requests) = options.begin_stream(py, Some(next_block));
                (options, callbacks, asked_for(requests))
            }
        };
        let stream = match optional_whole("length", length)? {
            Some(bytes) => stream.length(bytes),
            None => stream,
        };
        let work = async move { client.pin_stream(stream, options).await };
        Ok(Call::with_callbacks(work, Some(callbacks)))
    }

    fn pin_files(
        &self,
        py: Python<'_>,
        paths: Vec<PathBuf>,
        concurrency: &Bound<'_, PyAny>,
        options: &UploadOptions,
    ) -> PyResult<Call> {
        let client = self.client(py)?;
        let (options, callbacks) = options.begin(py);
        let concurrency = whole("concurrency", concurrency)?;
        let many = ManyOptions::new().concurrency(concurrency).pin(options);
        let work = async move { Ok(client.pin_files(paths, many).await) };
        Ok(Call::with_callbacks(work, callbacks))
    }

    fn pin_by_cid(&self, py: Python<'_>, cid: &str, options: &ByCidOptions) -> PyResult<Call> {
        let (client, cid, options) = (self.client(py)?, parse_cid(py, cid)?, options.0.clone());
        Ok(Call::new(
            async move { client.pin_by_cid(&cid, options).await },
        ))
    }

    fn pin_cids(
        &self,
        py: Python<'_>,
        cids: Vec<String>,
        concurrency: &Bound<'_, PyAny>,
        options: &ByCidOptions,
    ) -> PyResult<Call> {
        let client = self.client(py)?;
        let cids: PyResult<Vec<_>> = cids.iter().map(|cid| parse_cid(py, cid)).collect();
        let (cids, many) = (
            cids?,
            ManyOptions::new()
                .concurrency(whole("concurrency", concurrency)?)
                .pin(options.0.clone()),
        );
        Ok(Call::new(
            async move { Ok(client.pin_cids(cids, many).await) },
        ))
    }

    fn get_pin(&self, py: Python<'_>, id: &str) -> PyResult<Call> {
        let (client, id) = (self.client(py)?, pin_id(py, id)?);
        Ok(Call::new(async move { client.get_pin(&id).await }))
    }

    fn list_pins(&self, py: Python<'_>, listing: &Listing) -> PyResult<Call> {
        let (client, list) = (self.client(py)?, listing.0.clone());
        Ok(Call::new(async move { client.list_pins(&list).await }))
    }

    fn pins(&self, py: Python<'_>, listing: &Listing) -> PyResult<Pins> {
        Ok(Pins::new(self.client(py)?, listing.0.clone()))
    }

    fn unpin(&self, py: Python<'_>, id: &str) -> PyResult<Call> {
        let (client, id) = (self.client(py)?, pin_id(py, id)?);
        Ok(Call::new(async move { client.unpin(&id).await }))
    }

    fn unpin_many(
        &self,
        py: Python<'_>,
        ids: Vec<String>,
        concurrency: &Bound<'_, PyAny>,
    ) -> PyResult<Call> {
        let client = self.client(py)?;
        let ids: PyResult<Vec<_>> = ids.iter().map(|id| pin_id(py, id)).collect();
        let (ids, concurrency) = (ids?, whole("concurrency", concurrency)?);
        Ok(Call::new(async move {
            Ok(client.unpin_many(ids, concurrency).await)
        }))
    }

    #[pyo3(signature = (id, *, deadline=None, first_delay=None, max_delay=None))]
    fn wait_until_pinned(
        &self,
        py: Python<'_>,
        id: &str,
        deadline: Option<&Bound<'_, PyAny>>,
        first_delay: Option<&Bound<'_, PyAny>>,
        max_delay: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Call> {
        let (client, id) = (self.client(py)?, pin_id(py, id)?);
        let policy = wait_policy(deadline, first_delay, max_delay)?;
        Ok(Call::new(async move {
            client.wait_until_pinned(&id, policy).await
        }))
    }

    /// Proves that a DAG is the content at a path, or these bytes.
    #[pyo3(signature = (content, cid, *, gateway=None, hidden=false, symlinks="preserve"))]
    fn verify(
        &self,
        py: Python<'_>,
        content: Content,
        cid: &str,
        gateway: Option<&str>,
        hidden: bool,
        symlinks: &str,
    ) -> PyResult<Call> {
        let (client, cid) = (self.client(py)?, parse_cid(py, cid)?);
        let mut options = VerifyOptions::new()
            .hidden(hidden)
            .symlinks(parse(py, symlinks)?);
        options.gateway = gateway.map(|url| parse(py, url)).transpose()?;
        Ok(Call::new(async move {
            match content {
                Content::Bytes(bytes) => client.verify(bytes, &cid, options).await,
                Content::Path(path) => client.verify(path, &cid, options).await,
            }
        }))
    }

    fn check_credentials(&self, py: Python<'_>) -> PyResult<Call> {
        let client = self.client(py)?;
        Ok(Call::new(async move { client.check_credentials().await }))
    }
}
