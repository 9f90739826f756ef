//! A pin, as Python sees it.

use std::{
    collections::BTreeMap,
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
};

use pyo3::{
    prelude::*,
    types::{PyDateTime, PyDict, PyString, PyTuple},
};
use time::OffsetDateTime;
use w3pin::{Cid, Error, PinStatus, Verification};

use crate::{
    convert::{KeyValues, ToPython, cid as parse_cid, pin_id, to_datetime},
    error::raise,
};

/// Content that the service keeps, or is asked to keep, for the account.
///
/// Fields that the service leaves out, or fills with zeros, are ``None``. It can't be changed, is
/// compared by all its fields, and can be pickled.
// Its fields become Python objects when they are looked at, so that a list of thousands costs little.
#[pyclass(module = "w3pin", frozen, eq)]
#[derive(Clone, PartialEq)]
pub(crate) struct Pin(w3pin::Pin);

impl From<w3pin::Pin> for Pin {
    /// Python's dates have microseconds: what is finer would be lost in a copy, which wouldn't equal the
    /// pin any more.
    fn from(mut pin: w3pin::Pin) -> Self {
        pin.date_pinned = pin.date_pinned.map(to_microseconds);
        pin.date_unpinned = pin.date_unpinned.map(to_microseconds);
        Self(pin)
    }
}

fn to_microseconds(date: OffsetDateTime) -> OffsetDateTime {
    date.replace_microsecond(date.microsecond()).unwrap_or(date)
}

#[pymethods]
impl Pin {
    #[new]
    #[pyo3(signature = (*, id, cid, name=None, size=None, status="DONE", pinned=false, is_pin_by_hash=false, is_dir=false, date_pinned=None, date_unpinned=None, keyvalues=None, file_type=None, sub_hash_status=None, file_record_id=None, root_hash=None, user_id=None, already_pinned=false, verification=None))]
    #[expect(clippy::too_many_arguments, reason = "a pin has that many fields")]
    fn new(
        py: Python<'_>,
        id: &str,
        cid: &str,
        name: Option<String>,
        size: Option<u64>,
        status: &str,
        pinned: bool,
        is_pin_by_hash: bool,
        is_dir: bool,
        date_pinned: Option<OffsetDateTime>,
        date_unpinned: Option<OffsetDateTime>,
        keyvalues: Option<KeyValues>,
        file_type: Option<String>,
        sub_hash_status: Option<String>,
        file_record_id: Option<String>,
        root_hash: Option<String>,
        user_id: Option<String>,
        already_pinned: bool,
        verification: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut pin = w3pin::Pin::new(pin_id(py, id)?, parse_cid(py, cid)?);
        pin.name = name;
        pin.size = size;
        pin.status = PinStatus::from(status.to_owned());
        pin.pinned = pinned;
        pin.is_pin_by_hash = is_pin_by_hash;
        pin.is_dir = is_dir;
        pin.date_pinned = date_pinned;
        pin.date_unpinned = date_unpinned;
        pin.keyvalues = keyvalues.map(|pairs| pairs.0).unwrap_or_default();
        pin.file_type = file_type;
        pin.sub_hash_status = sub_hash_status.map(PinStatus::from);
        pin.file_record_id = file_record_id;
        pin.root_hash = root_hash;
        pin.user_id = user_id;
        pin.already_pinned = already_pinned;
        if let Some(verification) = verification {
            pin.verification = to_verification(verification)?;
        }
        Ok(Self(pin))
    }

    /// The pin's id: what ``get_pin`` and ``unpin`` take.
    #[getter]
    fn id(&self) -> &str {
        self.0.id.as_str()
    }

    /// The root of the content, in the form the service writes it.
    #[getter]
    fn cid(&self) -> &str {
        self.0.cid.as_str()
    }

    /// The name that listings show.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Bytes that the service accounts for. This isn't the file's length.
    #[getter]
    fn size(&self) -> Option<u64> {
        self.0.size
    }

    /// How far the service is: ``PENDING``, ``RETRIEVAL``, ``DONE``, or a word of its own.
    #[getter]
    fn status(&self) -> &str {
        self.0.status.as_str()
    }

    /// Whether the content is pinned now.
    #[getter]
    fn pinned(&self) -> bool {
        self.0.pinned
    }

    /// Whether it was pinned by its CID rather than uploaded.
    #[getter]
    fn is_pin_by_hash(&self) -> bool {
        self.0.is_pin_by_hash
    }

    /// Whether it is a folder.
    #[getter]
    fn is_dir(&self) -> bool {
        self.0.is_dir
    }

    /// When it was pinned, in UTC.
    #[getter]
    fn date_pinned<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.0
            .date_pinned
            .map(|date| to_datetime(py, date))
            .transpose()
    }

    /// When it was unpinned, in UTC.
    #[getter]
    fn date_unpinned<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.0
            .date_unpinned
            .map(|date| to_datetime(py, date))
            .transpose()
    }

    /// The caller's own pairs, in a copy.
    #[getter]
    fn keyvalues(&self) -> &BTreeMap<String, String> {
        &self.0.keyvalues
    }

    /// What kind of file the service takes it for.
    #[getter]
    fn file_type(&self) -> Option<&str> {
        self.0.file_type.as_deref()
    }

    /// How far the service is with the blocks below the root.
    #[getter]
    fn sub_hash_status(&self) -> Option<&str> {
        self.0.sub_hash_status.as_ref().map(PinStatus::as_str)
    }

    /// The service's record of the content.
    #[getter]
    fn file_record_id(&self) -> Option<&str> {
        self.0.file_record_id.as_deref()
    }

    /// The service's own hash of the content. It isn't reliably the CID's.
    #[getter]
    fn root_hash(&self) -> Option<&str> {
        self.0.root_hash.as_deref()
    }

    /// The account.
    #[getter]
    fn user_id(&self) -> Option<&str> {
        self.0.user_id.as_deref()
    }

    /// Whether this pin was there before the call that returned it.
    #[getter]
    fn already_pinned(&self) -> bool {
        self.0.already_pinned
    }

    /// What was proved of the content by the call that returned it.
    #[getter]
    fn verification(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        (&self.0.verification).to_python(py)
    }

    /// Whether the service keeps this content or is about to, as far as its answer tells.
    #[getter]
    fn is_live(&self) -> bool {
        self.0.is_live()
    }

    /// The fields, as JSON can hold them: dates are texts.
    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let json = serde_json::json!(self.0).to_string();
        Ok(py
            .import("json")?
            .getattr("loads")?
            .call1((json,))?
            .unbind())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.id().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let quoted = |text: &str| PyString::new(py, text).repr();
        let mut text = format!("Pin(id={}, cid={}", quoted(self.id())?, quoted(self.cid())?);
        // Writing to a string can't fail.
        if let Some(name) = self.name() {
            let _ = write!(text, ", name={}", quoted(name)?);
        }
        if let Some(size) = self.size() {
            let _ = write!(text, ", size={size}");
        }
        let pinned = if self.pinned() { "True" } else { "False" };
        let _ = write!(text, ", status={}, pinned={pinned}", quoted(self.status())?);
        if self.0.verification != Verification::Unchecked {
            let _ = write!(
                text,
                ", verification={}",
                quoted(self.0.verification.as_str())?
            );
        }
        text.push(')');
        Ok(text)
    }

    fn __getnewargs_ex__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let fields = PyDict::new(slf.py());
        for name in FIELDS {
            fields.set_item(name, slf.getattr(name)?)?;
        }
        Ok((PyTuple::empty(slf.py()), fields))
    }
}

const FIELDS: [&str; 18] = [
    "id",
    "cid",
    "name",
    "size",
    "status",
    "pinned",
    "is_pin_by_hash",
    "is_dir",
    "date_pinned",
    "date_unpinned",
    "keyvalues",
    "file_type",
    "sub_hash_status",
    "file_record_id",
    "root_hash",
    "user_id",
    "already_pinned",
    "verification",
];

fn to_verification(verification: &Bound<'_, PyAny>) -> PyResult<Verification> {
    let py = verification.py();
    let word: String = verification.getattr("result")?.extract()?;
    let computed = || -> PyResult<Cid> {
        let cid: String = verification.getattr("computed_cid")?.extract()?;
        parse_cid(py, &cid)
    };
    match word.as_str() {
        "unchecked" => Ok(Verification::Unchecked),
        "verified" => Ok(Verification::Verified {
            profile: {
                let profile: String = verification.getattr("profile")?.extract()?;
                let parsed: Result<_, w3pin::unixfs::ProfileError> = profile.parse();
                parsed.map_err(|cause| {
                    raise(py, &Error::invalid_input("profile", cause.to_string()))
                })?
            },
        }),
        "mismatch" => Ok(Verification::Mismatch {
            computed: computed()?,
        }),
        "unproved" => Ok(Verification::Unproved {
            computed: computed()?,
        }),
        _ => Err(raise(
            py,
            &Error::invalid_input("verification", format!("there is no result {word:?}")),
        )),
    }
}
