//! Converts errors to the Python classes of `w3pin._errors`.

use std::{error::Error as StdError, io};

use pyo3::{
    exceptions::{PyException, PyOSError},
    intern,
    prelude::*,
    types::{IntoPyDict, PyDict},
};
use w3pin::{Cid, Error, ErrorKind};

/// Returns the class of a kind.
fn class(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidInput => "InvalidInputError",
        ErrorKind::Authentication => "AuthenticationError",
        ErrorKind::PermissionDenied => "PermissionDeniedError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::AlreadyPinned => "AlreadyPinnedError",
        ErrorKind::InsufficientFunds => "InsufficientFundsError",
        ErrorKind::RateLimited => "RateLimitError",
        ErrorKind::Api => "ApiError",
        ErrorKind::Decode => "DecodeError",
        ErrorKind::Timeout => "RequestTimeoutError",
        ErrorKind::Transport => "TransportError",
        ErrorKind::LocalIo => "LocalIoError",
        ErrorKind::CidMismatch => "CidMismatchError",
    }
}

/// Returns the exception with its fields and its cause.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failed| failed)
}

/// Returns the error for an invalid prepared upload.
pub(crate) fn invalid_upload(py: Python<'_>, cause: &serde_json::Error) -> PyErr {
    raise(
        py,
        &Error::invalid_input("upload", format!("this isn't a prepared upload: {cause}")),
    )
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = py.import("w3pin._errors")?.getattr(class(error.kind()))?;
    let value = class.call((error.to_string(),), Some(&fields(py, error)?))?;
    if let Some(source) = error.source() {
        // Available when needed, while tracebacks stay short.
        value.setattr(intern!(py, "__context__"), cause(py, source))?;
        value.setattr(intern!(py, "__suppress_context__"), true)?;
    }
    Ok(PyErr::from_value(value))
}

fn fields<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyDict>> {
    let fields = [
        ("reason", Some(error.reason())),
        ("field", error.field()),
        ("path", error.path()),
        ("service_message", error.service_message()),
        ("body_excerpt", error.body_excerpt()),
        ("expected_cid", error.expected_cid().map(Cid::as_str)),
        ("returned_cid", error.returned_cid().map(Cid::as_str)),
    ]
    .into_py_dict(py)?;
    fields.set_item("status", error.status())?;
    let retry_after = error.retry_after().map(|delay| delay.as_secs_f64());
    fields.set_item("retry_after", retry_after)?;
    fields.set_item("is_retryable", error.is_retryable())?;
    fields.set_item("is_outcome_unknown", error.is_outcome_unknown())?;
    fields.set_item("errno", error.source().and_then(system_error))?;
    Ok(fields)
}

/// Returns the system's error number, if that is the innermost cause.
fn system_error(source: &(dyn StdError + 'static)) -> Option<i32> {
    let here = source.downcast_ref::<io::Error>();
    here.and_then(io::Error::raw_os_error)
        .or_else(|| source.source().and_then(system_error))
}

/// Returns the innermost cause; an `OSError` if it is the system's.
fn cause(py: Python<'_>, source: &(dyn StdError + 'static)) -> Py<PyAny> {
    let mut last = source;
    while let Some(next) = last.source() {
        last = next;
    }
    let error = match system_error(source) {
        Some(number) => PyOSError::new_err((number, last.to_string())),
        None => PyException::new_err(last.to_string()),
    };
    error.into_value(py).into_any()
}
