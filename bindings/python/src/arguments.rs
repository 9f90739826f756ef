//! Converts arguments from Python.
//!
//! A value of the wrong type raises a `TypeError` that names the argument and says what to pass
//! instead; an invalid value of the right type raises an `InvalidInputError`, as in Rust.

mod collections;
mod content;
mod numbers;

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, str::FromStr};

use pyo3::{
    exceptions::{PyTypeError, PyUnicodeEncodeError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyMapping, PyString, PyType},
};
use w3pin::{Cid, Error, IpfsPath, PinId, Profile};

pub(crate) use self::{
    collections::{cid_items, file_items, gateways, ids, texts},
    content::{bytes, content, folder},
    numbers::{count, rate_limit, retry, seconds},
};
use crate::error::raise;

/// Returns the error for an argument of the wrong type.
pub(crate) fn wrong_type(name: &str, takes: &str, value: &Bound<'_, PyAny>) -> PyErr {
    refused(name, takes, value, "")
}

/// Returns the error for an argument of the wrong type, with what to pass instead.
pub(crate) fn wrong_type_but(
    name: &str,
    takes: &str,
    value: &Bound<'_, PyAny>,
    instead: &str,
) -> PyErr {
    refused(name, takes, value, &format!(": {instead}"))
}

fn refused(name: &str, takes: &str, value: &Bound<'_, PyAny>, end: &str) -> PyErr {
    let found = if value.is_none() {
        "None".to_owned()
    } else {
        match value.get_type().name() {
            Ok(name) => format!("{name}"),
            Err(error) => return error,
        }
    };
    PyTypeError::new_err(format!("{name} takes {takes}, not {found}{end}"))
}

/// Returns the error for an invalid argument.
pub(crate) fn invalid(py: Python<'_>, name: &str, reason: String) -> PyErr {
    raise(py, &Error::invalid_input(name.to_owned(), reason))
}

pub(crate) fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let Ok(text) = value.cast::<PyString>() else {
        return Err(if value.is_instance_of::<PyBytes>() {
            wrong_type_but(name, "a str", value, "decode it, as in value.decode()")
        } else {
            wrong_type(name, "a str", value)
        });
    };
    text.to_str()
        .map(str::to_owned)
        .map_err(|cause| not_unicode(name, value, cause))
}

/// A `str` can contain half of a surrogate pair, which isn't valid Unicode.
fn not_unicode(name: &str, value: &Bound<'_, PyAny>, cause: PyErr) -> PyErr {
    let py = value.py();
    if cause.is_instance_of::<PyUnicodeEncodeError>(py) {
        let reason = format!("{name} contains half of a surrogate pair, which isn't a character");
        return invalid(py, name, reason);
    }
    cause
}

/// Converts the text of a pin's field. Passing the whole pin raises an error with the name of that
/// field.
pub(crate) fn field_of_pin(field: &str, name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    if !value.is_instance_of::<PyString>() && value.hasattr(field)? {
        let instead = format!("give its {field}");
        return Err(wrong_type_but(name, "a str", value, &instead));
    }
    text(name, value)
}

pub(crate) fn cid(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Cid> {
    field_of_pin("cid", name, value)?
        .parse()
        .map_err(|error| raise(value.py(), &error))
}

/// Converts a CID, optionally followed by a path.
pub(crate) fn ipfs_path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<IpfsPath> {
    field_of_pin("cid", name, value)?
        .parse()
        .map_err(|error| raise(value.py(), &error))
}

/// Converts the ID of a pin.
pub(crate) fn id(name: &str, value: &Bound<'_, PyAny>) -> PyResult<PinId> {
    field_of_pin("id", name, value)?
        .parse()
        .map_err(|error| raise(value.py(), &error))
}

/// Parses a text, such as the URL of a gateway.
pub(crate) fn parsed<T: FromStr<Err = Error>>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    text(name, value)?
        .parse()
        .map_err(|error| raise(value.py(), &error))
}

pub(crate) fn profile(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Profile> {
    text(name, value)?
        .parse()
        .map_err(|cause: <Profile as FromStr>::Err| invalid(value.py(), name, cause.to_string()))
}

pub(crate) fn flag(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value
        .extract()
        .map_err(|_| wrong_type(name, "True or False", value))
}

/// Converts a path.
pub(crate) fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    path_if_one(name, value)?.ok_or_else(|| {
        let takes = "a path as a str or os.PathLike";
        if value.is_instance_of::<PyBytes>() {
            wrong_type_but(name, takes, value, "decode it by os.fsdecode()")
        } else {
            wrong_type(name, takes, value)
        }
    })
}

/// Converts a path, if the value has the type of one.
fn path_if_one(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    let found = if value.is_instance_of::<PyString>() {
        value.clone()
    } else if is_path_like(value)? {
        value.call_method0("__fspath__")?
    } else {
        return Ok(None);
    };
    if !found.is_instance_of::<PyString>() {
        return Ok(None);
    }
    let path = found.extract::<OsString>();
    let path = path.map_err(|cause| not_unicode(name, value, cause))?;
    Ok(Some(path.into()))
}

fn is_path_like(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.get_type().hasattr("__fspath__")
}

/// Converts key-values.
pub(crate) fn pairs(name: &str, value: &Bound<'_, PyAny>) -> PyResult<BTreeMap<String, String>> {
    let takes = "a mapping of str to str";
    let pairs = value
        .cast::<PyMapping>()
        .map_err(|_| wrong_type(name, takes, value))?;
    let mut read = BTreeMap::new();
    for pair in pairs.items()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let shown = format!("{name}[{}]", key.repr()?);
        if !key.is_instance_of::<PyString>() {
            let name = format!("the key of {shown}");
            return Err(wrong_type_but(&name, "a str", &key, "convert it by str()"));
        }
        if !value.is_instance_of::<PyString>() {
            return Err(wrong_type_but(
                &shown,
                "a str",
                &value,
                "convert it by str()",
            ));
        }
        read.insert(text(name, &key)?, text(&shown, &value)?);
    }
    Ok(read)
}

/// Converts a progress function.
pub(crate) fn listener(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if !value.is_callable() {
        return Err(wrong_type(name, "a function of one argument", value));
    }
    if is_coroutine_function(value)? {
        return Err(PyTypeError::new_err(format!(
            "{name} takes a plain function: nobody would await what a coroutine function returns"
        )));
    }
    Ok(value.clone().unbind())
}

/// Returns whether calling it only creates a coroutine.
fn is_coroutine_function(function: &Bound<'_, PyAny>) -> PyResult<bool> {
    static PARTIAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let partial = PARTIAL.import(function.py(), "functools", "partial")?;
    let inspect = function.py().import("inspect")?;
    let mut function = function.clone();
    while function.is_instance(partial)? {
        function = function.getattr("func")?;
    }
    // Looked up on the type, as Python does; a class's own `__call__` applies to its instances.
    for function in [&function, &function.get_type().getattr("__call__")?] {
        if inspect
            .call_method1("iscoroutinefunction", (function,))?
            .is_truthy()?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
