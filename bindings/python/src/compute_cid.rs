//! CIDs of local content, offline.

use std::path::PathBuf;

use bytes::Bytes;
use pyo3::prelude::*;
use w3pin::{CidOptions, Profile};

use crate::{
    call::Call,
    convert::{parse, profile as parse_profile},
    runtime,
};

/// Computes the CID of a file or folder.
#[pyfunction]
#[pyo3(signature = (path, *, profile=None, hidden=false, symlinks="preserve"))]
pub(crate) fn compute_cid(
    py: Python<'_>,
    path: PathBuf,
    profile: Option<&str>,
    hidden: bool,
    symlinks: &str,
) -> PyResult<Call> {
    let mut options = CidOptions::new()
        .hidden(hidden)
        .symlinks(parse(py, symlinks)?);
    if let Some(name) = profile {
        options = options.profile(parse_profile(py, name)?);
    }
    on_a_thread(py, move || w3pin::compute_cid(path, &options))
}

/// Computes the CID of a file of these bytes.
#[pyfunction]
#[pyo3(signature = (data, *, profile=None))]
pub(crate) fn compute_cid_of_bytes(
    py: Python<'_>,
    data: Bytes,
    profile: Option<&str>,
) -> PyResult<Call> {
    let profile = match profile {
        Some(name) => parse_profile(py, name)?,
        None => Profile::default(),
    };
    on_a_thread(py, move || Ok(w3pin::compute_cid_of_bytes(&data, &profile)))
}

/// Ctrl-C isn't noticed by what blocks, so that happens elsewhere.
fn on_a_thread(
    py: Python<'_>,
    work: impl FnOnce() -> w3pin::Result<w3pin::Root> + Send + 'static,
) -> PyResult<Call> {
    let runtime = runtime::shared(py)?;
    Ok(Call::new(async move {
        match runtime.spawn_blocking(work).await {
            Ok(root) => root,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }))
}
