//! Content: a path, bytes, or files in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use pyo3::{
    prelude::*,
    types::{PyByteArray, PyBytes, PyMapping, PyMemoryView, PyString},
};
use w3pin::Content;

use super::{invalid, path_if_one, text, wrong_type, wrong_type_but};

/// Converts bytes, sharing immutable ones and copying others.
pub(crate) fn bytes(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    bytes_if_any(value)?.ok_or_else(|| {
        if value.is_instance_of::<PyString>() {
            wrong_type_but(name, "bytes", value, "encode it, as in text.encode()")
        } else {
            wrong_type(name, "bytes, a bytearray or another buffer", value)
        }
    })
}

fn bytes_if_any(value: &Bound<'_, PyAny>) -> PyResult<Option<Bytes>> {
    if value.is_instance_of::<PyBytes>() {
        return Ok(Some(value.extract()?));
    }
    if let Ok(array) = value.cast::<PyByteArray>() {
        return Ok(Some(array.to_vec().into()));
    }
    match PyMemoryView::from(value) {
        Ok(view) => Ok(Some(view.call_method0("tobytes")?.extract()?)),
        Err(_) => Ok(None),
    }
}

/// Converts a file or folder on disk or in memory.
pub(crate) fn content(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Content> {
    if let Some(content) = on_disk_or_files(name, value)? {
        return Ok(content);
    }
    match bytes_if_any(value)? {
        Some(bytes) => Ok(Content::bytes(bytes)),
        None => Err(wrong_type(
            name,
            "a path, bytes, or a mapping of paths to bytes",
            value,
        )),
    }
}

/// Converts a folder on disk or in memory.
pub(crate) fn folder(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Content> {
    on_disk_or_files(name, value)?
        .ok_or_else(|| wrong_type(name, "a path, or a mapping of paths to bytes", value))
}

fn on_disk_or_files(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Content>> {
    if let Some(path) = path_if_one(name, value)? {
        return Ok(Some(Content::Path(path)));
    }
    match value.cast::<PyMapping>() {
        Ok(mapping) => files(name, mapping).map(Some),
        Err(_) => Ok(None),
    }
}

fn files(name: &str, mapping: &Bound<'_, PyMapping>) -> PyResult<Content> {
    let mut files = BTreeMap::new();
    for pair in mapping.items()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let shown = format!("{name}[{}]", key.repr()?);
        let path = match key.getattr("as_posix") {
            Ok(as_posix) => text(name, &as_posix.call0()?)?,
            Err(_) if key.is_instance_of::<PyString>() => text(name, &key)?,
            Err(_) => {
                let what = format!("the key of {shown}");
                return Err(wrong_type(
                    &what,
                    "a path as a str or pathlib.PurePath",
                    &key,
                ));
            }
        };
        let bytes = bytes(&shown, &value)?;
        if files.insert(path, bytes).is_some() {
            let reason = format!("{shown} is the path of another file too");
            return Err(invalid(mapping.py(), name, reason));
        }
    }
    Ok(Content::Files(files))
}
