//! The options of calls that pin.

use pyo3::{exceptions::PyTypeError, prelude::*};
use tokio::sync::mpsc;
use w3pin::{Metadata, PinByCidOptions, PinOptions};

use crate::{
    call::{Callbacks, Request},
    convert::{KeyValues, optional_seconds, parse, profile as parse_profile},
    policies::RetryPolicy,
};

/// How content is uploaded.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct UploadOptions {
    options: PinOptions,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl UploadOptions {
    #[new]
    #[pyo3(signature = (*, name=None, keyvalues=None, profile=None, verify="report", skip_if_pinned=false, hidden=false, symlinks="refuse", progress=None, timeout=None, retry=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the caller's own keywords"
    )]
    fn new(
        py: Python<'_>,
        name: Option<String>,
        keyvalues: Option<KeyValues>,
        profile: Option<&str>,
        verify: &str,
        skip_if_pinned: bool,
        hidden: bool,
        symlinks: &str,
        progress: Option<Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        retry: Option<&Bound<'_, RetryPolicy>>,
    ) -> PyResult<Self> {
        if progress.as_ref().is_some_and(|tell| !tell.is_callable()) {
            return Err(PyTypeError::new_err("progress takes a function"));
        }
        let mut options = PinOptions::new()
            .verify(parse(py, verify)?)
            .skip_if_pinned(skip_if_pinned)
            .hidden(hidden)
            .symlinks(parse(py, symlinks)?);
        options.metadata = metadata(name, keyvalues);
        options.profile = profile.map(|name| parse_profile(py, name)).transpose()?;
        options.timeout = optional_seconds("timeout", timeout)?;
        options.retry = retry.map(|policy| policy.get().0.clone());
        Ok(Self {
            options,
            progress: progress.map(Bound::unbind),
        })
    }
}

impl UploadOptions {
    /// The options of one call, and where it asks for the caller's functions.
    pub(crate) fn begin(&self, py: Python<'_>) -> (PinOptions, Option<Callbacks>) {
        match &self.progress {
            None => (self.options.clone(), None),
            Some(_) => {
                let (options, callbacks, _) = self.begin_stream(py, None);
                (options, Some(callbacks))
            }
        }
    }

    /// The same for an upload that asks for the blocks of its content too.
    pub(crate) fn begin_stream(
        &self,
        py: Python<'_>,
        next_block: Option<Py<PyAny>>,
    ) -> (PinOptions, Callbacks, mpsc::UnboundedSender<Request>) {
        let (sender, requests) = mpsc::unbounded_channel();
        let mut options = self.options.clone();
        if self.progress.is_some() {
            let sender = sender.clone();
            options = options.progress(move |progress| {
                // Nobody may be listening any more, as the upload is being stopped.
                let _ = sender.send(Request::Progress(progress.clone()));
            });
        }
        let callbacks = Callbacks {
            progress: self.progress.as_ref().map(|tell| tell.clone_ref(py)),
            next_block,
            requests,
        };
        (options, callbacks, sender)
    }
}

/// How content is pinned that is on IPFS already.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct ByCidOptions(pub(crate) PinByCidOptions);

#[pymethods]
impl ByCidOptions {
    #[new]
    #[pyo3(signature = (*, name=None, keyvalues=None, skip_if_pinned=false, timeout=None, retry=None))]
    fn new(
        name: Option<String>,
        keyvalues: Option<KeyValues>,
        skip_if_pinned: bool,
        timeout: Option<&Bound<'_, PyAny>>,
        retry: Option<&Bound<'_, RetryPolicy>>,
    ) -> PyResult<Self> {
        let mut options = PinByCidOptions::new().skip_if_pinned(skip_if_pinned);
        options.metadata = metadata(name, keyvalues);
        options.timeout = optional_seconds("timeout", timeout)?;
        options.retry = retry.map(|policy| policy.get().0.clone());
        Ok(Self(options))
    }
}

fn metadata(name: Option<String>, keyvalues: Option<KeyValues>) -> Metadata {
    Metadata {
        name,
        keyvalues: keyvalues.map(|pairs| pairs.0).unwrap_or_default(),
    }
}
