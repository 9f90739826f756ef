//! Errors as the Python classes of `w3pin._errors`.

use std::{error::Error as StdError, io};

use pyo3::{
    exceptions::{PyException, PyOSError},
    prelude::*,
    types::{IntoPyDict, PyDict},
};
use w3pin::{Cid, Error, ErrorKind};

/// The class of each kind.
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

/// The exception for it, with its fields and its cause.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failed| failed)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = py.import("w3pin._errors")?.getattr(class(error.kind()))?;
    let value = class.call((error.to_string(),), Some(&fields(py, error)?))?;
    let exception = PyErr::from_value(value);
    exception.set_cause(py, error.source().map(|source| cause(py, source)));
    Ok(exception)
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
    fields.set_item("errno", system_error(error))?;
    Ok(fields)
}

fn system_error(error: &Error) -> Option<i32> {
    error.source()?.downcast_ref::<io::Error>()?.raw_os_error()
}

/// The chain of causes, an `OSError` where the system is one.
fn cause(py: Python<'_>, source: &(dyn StdError + 'static)) -> PyErr {
    let system = source.downcast_ref::<io::Error>();
    let exception = match system.and_then(io::Error::raw_os_error) {
        Some(number) => PyOSError::new_err((number, source.to_string())),
        None => PyException::new_err(source.to_string()),
    };
    exception.set_cause(py, source.source().map(|source| cause(py, source)));
    exception
}
