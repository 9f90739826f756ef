//! Functions that need no client.

use pyo3::{prelude::*, types::PyDict};
use w3pin::{Gateway, Pin};

use crate::{
    arguments::{self, content, parsed},
    call::Call,
    options::Options,
    results::ToPython,
    runtime,
};

/// Computes the CID of content, offline.
#[pyfunction]
pub(crate) fn compute_cid(
    py: Python<'_>,
    content: &Bound<'_, PyAny>,
    options: Bound<'_, PyDict>,
) -> PyResult<Call> {
    let content = self::content("content", content)?;
    let options = Options::new("compute_cid", options);
    let cid = options.cid()?;
    options.finish()?;
    on_a_thread(py, move || w3pin::compute_cid(content, &cid))
}

/// Packs content into a CAR file.
#[pyfunction]
pub(crate) fn pack_car(
    py: Python<'_>,
    content: &Bound<'_, PyAny>,
    destination: &Bound<'_, PyAny>,
    options: Bound<'_, PyDict>,
) -> PyResult<Call> {
    let content = self::content("content", content)?;
    let destination = arguments::path("destination", destination)?;
    let options = Options::new("pack_car", options);
    let cid = options.cid()?;
    options.finish()?;
    on_a_thread(py, move || w3pin::pack_car(content, destination, &cid))
}

/// Lists what an upload would send.
#[pyfunction]
pub(crate) fn preview_upload(
    py: Python<'_>,
    content: &Bound<'_, PyAny>,
    options: Bound<'_, PyDict>,
) -> PyResult<Call> {
    let content = self::content("content", content)?;
    let options = Options::new("preview_upload", options);
    let preview = options.preview()?;
    options.finish()?;
    on_a_thread(py, move || w3pin::preview_upload(content, &preview))
}

/// Proves that a DAG is this content.
#[pyfunction]
pub(crate) fn verify(
    content: &Bound<'_, PyAny>,
    cid: &Bound<'_, PyAny>,
    options: Bound<'_, PyDict>,
) -> PyResult<Call> {
    let content = self::content("content", content)?;
    let cid = arguments::cid("cid", cid)?;
    let options = Options::new("verify", options);
    let verify = options.verify()?;
    options.finish()?;
    Ok(Call::new(async move {
        w3pin::verify(content, &cid, verify).await
    }))
}

/// Returns the IPFS URL of content.
#[pyfunction]
pub(crate) fn ipfs_url(cid: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(pin_of(cid)?.ipfs_url())
}

/// Returns the URL of content at a gateway.
#[pyfunction]
pub(crate) fn gateway_url(cid: &Bound<'_, PyAny>, gateway: &Bound<'_, PyAny>) -> PyResult<String> {
    let gateway: Gateway = parsed("gateway", gateway)?;
    Ok(pin_of(cid)?.gateway_url(&gateway))
}

fn pin_of(cid: &Bound<'_, PyAny>) -> PyResult<Pin> {
    let id = "any"
        .parse()
        .map_err(|error| crate::error::raise(cid.py(), &error))?;
    Ok(Pin::new(id, arguments::cid("cid", cid)?))
}

/// Runs blocking work on another thread, so that Ctrl-C is noticed.
fn on_a_thread<T: ToPython + Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> w3pin::Result<T> + Send + 'static,
) -> PyResult<Call> {
    let runtime = runtime::background(py)?;
    Ok(Call::new(async move {
        match runtime.spawn_blocking(work).await {
            Ok(result) => result,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }))
}
