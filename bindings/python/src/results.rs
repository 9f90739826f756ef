//! Converts the results of calls to Python objects.

use bytes::Bytes;
use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyDateTime, PyDict, PyList, PyTuple, PyType, PyTzInfo},
};
use time::{OffsetDateTime, UtcOffset};
use w3pin::{
    Cid, Completed, FetchProgress, Fetched, FolderEntry, Node, PackedCar, Page, Pin, PinId,
    PinStatus, PreparedUpload, PreviewedFile, Progress, Proof, Result, Root, Synced, Totals,
    UnreadablePin, UploadPreview, Verification,
};

use crate::error::{invalid_upload, raise};

/// Creates the Python object of a value.
pub(crate) trait ToPython {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

/// A class of `w3pin._models`, or of another module.
macro_rules! class {
    ($py:expr, $name:literal) => {
        class!($py, "w3pin._models", $name)
    };
    ($py:expr, $module:literal, $name:literal) => {{
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        CLASS.import($py, $module, $name)?
    }};
}

/// Creates an object of this class from its fields in order.
macro_rules! model {
    ($py:expr, $name:literal, $($field:expr),+) => {
        Ok(class!($py, $name).call1(($($field,)+))?.unbind())
    };
}

impl ToPython for () {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(py.None())
    }
}

impl ToPython for bool {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.into_pyobject(py)?.to_owned().into_any().unbind())
    }
}

impl ToPython for Bytes {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(PyBytes::new(py, &self).into_any().unbind())
    }
}

/// A result or an error for each item.
impl<T: ToPython> ToPython for Result<T> {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Ok(value) => value.to_python(py),
            Err(error) => Ok(raise(py, &error).into_value(py).into_any()),
        }
    }
}

impl<T: ToPython> ToPython for Vec<T> {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let items: PyResult<Vec<_>> = self.into_iter().map(|item| item.to_python(py)).collect();
        Ok(PyList::new(py, items?)?.into_any().unbind())
    }
}

impl<T: ToPython> ToPython for Option<T> {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.map_or_else(|| Ok(py.None()), |value| value.to_python(py))
    }
}

fn tuple<T: ToPython>(py: Python<'_>, items: Vec<T>) -> PyResult<Bound<'_, PyTuple>> {
    let items: PyResult<Vec<_>> = items.into_iter().map(|item| item.to_python(py)).collect();
    PyTuple::new(py, items?)
}

impl ToPython for Pin {
    /// Its fields are set directly, which dominates the time for lists of thousands.
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let class = class!(py, "w3pin._pin", "Pin");
        let object = class.call_method1(intern!(py, "__new__"), (class,))?;
        let fields = object.getattr(intern!(py, "__dict__"))?;
        let fields = fields.cast::<PyDict>()?;
        macro_rules! set {
            ($($name:ident: $value:expr),+ $(,)?) => {
                $( fields.set_item(intern!(py, stringify!($name)), $value)?; )+
            };
        }
        set! {
            id: self.id.as_str(),
            cid: self.cid.as_str(),
            name: self.name,
            size: self.size,
            status: self.status.as_str(),
            pinned: self.pinned,
            is_pin_by_hash: self.is_pin_by_hash,
            is_dir: self.is_dir,
            date_pinned: self.date_pinned.map(|date| datetime(py, date)).transpose()?,
            date_unpinned: self.date_unpinned.map(|date| datetime(py, date)).transpose()?,
            keyvalues: self.keyvalues,
            file_type: self.file_type,
            sub_hash_status: self.sub_hash_status.as_ref().map(PinStatus::as_str),
            file_record_id: self.file_record_id,
            root_hash: self.root_hash,
            user_id: self.user_id,
            already_pinned: self.already_pinned,
            verification: self.verification.to_python(py)?,
        }
        Ok(object.unbind())
    }
}

impl ToPython for Verification {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        static UNCHECKED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let make = || -> PyResult<Py<PyAny>> {
            let profile = self.profile().map(ToString::to_string);
            let computed = self.computed_cid().map(Cid::as_str);
            let class = class!(py, "w3pin._pin", "Verification");
            Ok(class.call1((self.as_str(), profile, computed))?.unbind())
        };
        if self == Self::Unchecked {
            return Ok(UNCHECKED.get_or_try_init(py, make)?.clone_ref(py));
        }
        make()
    }
}

impl ToPython for Page {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (pins, unreadable) = (tuple(py, self.pins)?, tuple(py, self.unreadable)?);
        model!(py, "Page", pins, self.totals.to_python(py)?, unreadable)
    }
}

impl ToPython for Totals {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Totals", self.files, self.size)
    }
}

impl ToPython for UnreadablePin {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "UnreadablePin", self.position, self.id, self.reason)
    }
}

impl<T: ToPython> ToPython for Completed<T> {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Completed", self.index, self.result.to_python(py)?)
    }
}

impl ToPython for Progress {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(
            py,
            "Progress",
            self.bytes_sent,
            self.bytes_total,
            self.file.as_deref(),
            self.items_done,
            self.items_total
        )
    }
}

impl ToPython for Root {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Root", self.cid.as_str(), self.size, self.dag_size)
    }
}

impl ToPython for PackedCar {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "PackedCar", self.cid.as_str(), self.blocks, self.bytes)
    }
}

impl ToPython for Node {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (kind, target) = (self.kind.as_str(), self.target());
        model!(py, "Node", self.cid.as_str(), kind, self.size, target)
    }
}

impl ToPython for FolderEntry {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (kind, target) = (self.kind.as_str(), self.target());
        let cid = self.cid.as_str();
        model!(py, "FolderEntry", &self.name, cid, kind, self.size, target)
    }
}

impl ToPython for FetchProgress {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(
            py,
            "FetchProgress",
            self.bytes,
            self.bytes_total,
            self.files
        )
    }
}

impl ToPython for Fetched {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (cid, fetched) = (self.cid.as_str(), self.bytes_fetched);
        model!(py, "Fetched", cid, self.files, self.bytes, fetched)
    }
}

impl ToPython for Synced {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let ids = |ids: &[PinId]| PyTuple::new(py, ids.iter().map(PinId::as_str));
        model!(
            py,
            "Synced",
            self.outcome.as_str(),
            self.cid.as_str(),
            self.contenthash(),
            self.dnslink(),
            self.pin.to_python(py)?,
            ids(&self.removed)?,
            tuple(py, self.kept)?,
            ids(&self.postponed)?
        )
    }
}

impl ToPython for Proof {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Proof", self.files, self.bytes, self.blocks_fetched)
    }
}

impl ToPython for UploadPreview {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let files = tuple(py, self.files)?;
        model!(py, "UploadPreview", self.cid.as_str(), self.size, files)
    }
}

impl ToPython for PreviewedFile {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "PreviewedFile", self.name, self.size)
    }
}

impl ToPython for PreparedUpload {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let kept = serde_json::to_string(&self).map_err(|cause| invalid_upload(py, &cause))?;
        let headers = PyDict::new(py);
        for (name, value) in self.headers {
            headers.set_item(name, value)?;
        }
        model!(
            py,
            "PreparedUpload",
            self.method,
            self.url,
            headers,
            self.body.into_os_string(),
            self.content_length,
            self.cid.as_str(),
            kept
        )
    }
}

/// Converts to UTC, with Python's singleton for UTC. Python's dates have microseconds.
fn datetime(py: Python<'_>, date: OffsetDateTime) -> PyResult<Bound<'_, PyDateTime>> {
    let date = date.to_offset(UtcOffset::UTC);
    PyDateTime::new(
        py,
        date.year(),
        date.month().into(),
        date.day(),
        date.hour(),
        date.minute(),
        date.second(),
        date.microsecond(),
        Some(&*PyTzInfo::utc(py)?),
    )
}
