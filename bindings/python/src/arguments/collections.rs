//! Converts collections. A single string in place of a collection raises an error: iterating over
//! its letters could publish unintended content.

use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyByteArray, PyBytes, PyMapping, PyMemoryView, PyString, PyType},
};
use w3pin::{BatchItem, Cid, Content, Gateway, PinId};

use super::{field_of_pin, is_path_like, pairs, parsed, path, text, wrong_type, wrong_type_but};

/// Converts strings, such as patterns or URLs.
pub(crate) fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    members(name, "str", value)?
        .iter()
        .enumerate()
        .map(|(index, value)| text(&format!("{name}[{index}]"), value))
        .collect()
}

/// Converts the URLs of gateways.
pub(crate) fn gateways(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<Gateway>> {
    members(name, "str", value)?
        .iter()
        .enumerate()
        .map(|(index, value)| parsed(&format!("{name}[{index}]"), value))
        .collect()
}

/// Converts paths and `FileItem`s.
pub(crate) fn file_items(
    name: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<Vec<BatchItem<Content>>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(value.py(), "w3pin._inputs", "FileItem")?;
    items(name, "paths", value, class, "path", |name, value| {
        Ok(Content::Path(path(name, value)?).into())
    })
}

/// Converts CIDs and `CidItem`s. An invalid CID becomes an item whose result is that error.
pub(crate) fn cid_items(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<BatchItem<Cid>>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(value.py(), "w3pin._inputs", "CidItem")?;
    items(name, "CIDs", value, class, "cid", |name, value| {
        Ok(BatchItem::parse(&field_of_pin("cid", name, value)?))
    })
}

/// Converts the IDs of pins. An invalid ID becomes an item whose result is that error.
pub(crate) fn ids(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<BatchItem<PinId>>> {
    let texts = members(name, "pin ids", value)?;
    texts
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let id = field_of_pin("id", &format!("{name}[{index}]"), value)?;
            Ok(BatchItem::parse(&id))
        })
        .collect()
}

fn items<T>(
    name: &str,
    of: &str,
    value: &Bound<'_, PyAny>,
    class: &Bound<'_, PyType>,
    subject: &str,
    read: impl Fn(&str, &Bound<'_, PyAny>) -> PyResult<BatchItem<T>>,
) -> PyResult<Vec<BatchItem<T>>> {
    let members = members(name, of, value)?;
    let members = members.iter().enumerate();
    members
        .map(|(index, value)| {
            let place = format!("{name}[{index}]");
            if !value.is_instance(class)? {
                return read(&place, value);
            }
            let of = |field: &str| format!("{place}.{field}");
            let mut item = read(&of(subject), &value.getattr(subject)?)?;
            let (own_name, own_pairs) = (value.getattr("name")?, value.getattr("keyvalues")?);
            if !own_name.is_none() {
                item = item.name(text(&of("name"), &own_name)?);
            }
            if !own_pairs.is_none() {
                item = item.keyvalues(pairs(&of("keyvalues"), &own_pairs)?);
            }
            Ok(item)
        })
        .collect()
}

/// Returns the members of a collection.
fn members<'py>(
    name: &str,
    of: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let takes = format!("a collection of {of}");
    let single = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMemoryView>()
        || is_path_like(value)?;
    if single {
        let instead = "put a single one in a list, as in [value]";
        return Err(wrong_type_but(name, &takes, value, instead));
    }
    if value.cast::<PyMapping>().is_ok() || value.hasattr("read")? {
        return Err(wrong_type(name, &takes, value));
    }
    if value.hasattr("__aiter__")? {
        let instead = "gather it first, as in [it async for it in value]";
        return Err(wrong_type_but(name, &takes, value, instead));
    }
    let Ok(members) = value.try_iter() else {
        return Err(wrong_type(name, &takes, value));
    };
    members.collect()
}
