//! Values from one language to the other.

use std::{collections::BTreeMap, time::Duration};

use pyo3::{
    Borrowed,
    exceptions::{PyOverflowError, PyTypeError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyDateTime, PyDelta, PyList, PyMapping, PyTuple, PyType, PyTzInfo},
};
use time::{OffsetDateTime, UtcOffset};
use w3pin::{
    Cid, Error, Page, PinId, Profile, Progress, Proof, Result, Root, Totals, Verification,
};

use crate::{error::raise, pin::Pin};

/// Makes the Python object that shows a value of ours.
pub(crate) trait ToPython {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
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

impl ToPython for w3pin::Pin {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Pin::from(self))?.into_any())
    }
}

/// One result or error for each item.
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

impl ToPython for Page {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let pins: PyResult<Vec<_>> = self.pins.into_iter().map(|pin| pin.to_python(py)).collect();
        model!(
            py,
            "Page",
            PyTuple::new(py, pins?)?,
            self.totals.to_python(py)?
        )
    }
}

impl ToPython for Totals {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Totals", self.files, self.size)
    }
}

impl ToPython for Root {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Root", self.cid.as_str(), self.size, self.dag_size)
    }
}

impl ToPython for Proof {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(py, "Proof", self.files, self.bytes, self.blocks_fetched)
    }
}

impl ToPython for Progress {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        model!(
            py,
            "Progress",
            self.bytes_sent,
            self.bytes_total,
            self.file.as_deref()
        )
    }
}

impl ToPython for &Verification {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let computed = self.computed_cid().map(Cid::as_str);
        model!(
            py,
            "Verification",
            self.as_str(),
            self.profile().map(ToString::to_string),
            computed
        )
    }
}

/// An object of this class of `w3pin._models`, from its fields in order.
macro_rules! model {
    ($py:expr, $name:literal, $($field:expr),+) => {{
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let class = CLASS.import($py, "w3pin._models", $name)?;
        Ok(class.call1(($($field,)+))?.unbind())
    }};
}
use model;

/// Pairs from any mapping.
pub(crate) struct KeyValues(pub(crate) BTreeMap<String, String>);

impl<'py> FromPyObject<'_, 'py> for KeyValues {
    type Error = PyErr;

    fn extract(pairs: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let pairs = pairs
            .cast::<PyMapping>()
            .map_err(|_| PyTypeError::new_err("keyvalues takes a mapping of str to str"))?;
        let pairs = pairs.items()?.iter().map(|pair| pair.extract());
        Ok(Self(pairs.collect::<PyResult<_>>()?))
    }
}

/// A time that the caller gives in seconds or as a `timedelta`.
pub(crate) fn seconds(field: &'static str, time: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds: f64 = if time.is_instance_of::<PyDelta>() {
        time.call_method0("total_seconds")?.extract()?
    } else {
        time.extract().map_err(|_| {
            PyTypeError::new_err(format!("{field} takes seconds or a datetime.timedelta"))
        })?
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        let reason = format!("{seconds} isn't a time in seconds");
        raise(time.py(), &Error::invalid_input(field, reason))
    })
}

/// [`seconds`], where there may be none.
pub(crate) fn optional_seconds(
    field: &'static str,
    time: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Duration>> {
    time.map(|time| seconds(field, time)).transpose()
}

/// A whole number that `T` holds: others are refused by name, as an `OverflowError` doesn't.
pub(crate) fn whole<'a, 'py, T>(field: &'static str, number: &'a Bound<'py, PyAny>) -> PyResult<T>
where
    T: FromPyObject<'a, 'py, Error = PyErr>,
{
    number.extract::<T>().map_err(|cause| {
        let py = number.py();
        if !cause.is_instance_of::<PyOverflowError>(py) {
            return PyTypeError::new_err(format!("{field}: {}", cause.value(py)));
        }
        let reason = format!("{number} is negative, or more than there can be");
        raise(py, &Error::invalid_input(field, reason))
    })
}

/// [`whole`], where there may be none.
pub(crate) fn optional_whole<'a, 'py, T>(
    field: &'static str,
    number: Option<&'a Bound<'py, PyAny>>,
) -> PyResult<Option<T>>
where
    T: FromPyObject<'a, 'py, Error = PyErr>,
{
    number.map(|number| whole(field, number)).transpose()
}

/// The same moment in UTC, by Python's one object for UTC.
pub(crate) fn to_datetime(py: Python<'_>, date: OffsetDateTime) -> PyResult<Bound<'_, PyDateTime>> {
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

/// What core parses from a word.
pub(crate) fn parse<T>(py: Python<'_>, word: &str) -> PyResult<T>
where
    T: std::str::FromStr<Err = Error>,
{
    word.parse().map_err(|error| raise(py, &error))
}

pub(crate) fn profile(py: Python<'_>, name: &str) -> PyResult<Profile> {
    name.parse()
        .map_err(|cause| raise(py, &Error::invalid_input("profile", format!("{cause}"))))
}

pub(crate) fn cid(py: Python<'_>, text: &str) -> PyResult<Cid> {
    parse(py, text)
}

pub(crate) fn pin_id(py: Python<'_>, text: &str) -> PyResult<PinId> {
    parse(py, text)
}
