//! Reads content from gateways call by call.

use std::io::{self, SeekFrom};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{StreamExt, stream::ReadyChunks};
use pyo3::prelude::*;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use w3pin::{ContentReader, ContentStream, Error, ErrorKind, FolderEntries, Result};

use crate::{call::Call, per_process::InTurn, results::ToPython, runtime};

/// The bytes of a file as they arrive.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct ContentPieces(InTurn<ContentStream>);

impl ContentPieces {
    pub(crate) fn new(stream: ContentStream) -> Self {
        Self(InTurn::new(stream))
    }
}

#[pymethods]
impl ContentPieces {
    /// Returns the next bytes, or nothing at the end.
    fn next(&self) -> PyResult<Call> {
        let place = self.0.place()?;
        Ok(Call::new(async move {
            match place.lock().await.as_mut() {
                Some(stream) => stream.next().await.transpose(),
                None => Ok(None),
            }
        }))
    }

    /// Stops reading.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }
}

/// The entries of a folder, several at a time.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct EntryGroups(InTurn<ReadyChunks<FolderEntries>>);

/// The most entries to return at a time.
const GROUP: usize = 256;

impl EntryGroups {
    pub(crate) fn new(entries: FolderEntries) -> Self {
        Self(InTurn::new(entries.ready_chunks(GROUP)))
    }
}

#[pymethods]
impl EntryGroups {
    /// Returns the next entries, the last of which may be an error, or nothing at the end.
    fn next(&self) -> PyResult<Call> {
        let place = self.0.place()?;
        Ok(Call::new(async move {
            match place.lock().await.as_mut() {
                Some(entries) => Ok(entries.next().await),
                None => Ok(None),
            }
        }))
    }

    /// Stops reading.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }
}

/// A file with random access.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct OpenFile {
    size: u64,
    reader: InTurn<ContentReader>,
}

/// The most bytes to read in a call.
const MOST: usize = 1024 * 1024;

impl OpenFile {
    pub(crate) fn new(reader: ContentReader) -> Self {
        Self {
            size: reader.size(),
            reader: InTurn::new(reader),
        }
    }
}

#[pymethods]
impl OpenFile {
    #[getter]
    fn size(&self) -> u64 {
        self.size
    }

    /// Returns up to `most` bytes at a position; none at the end.
    fn read(&self, position: u64, most: usize) -> PyResult<Call> {
        let place = self.reader.place()?;
        Ok(Call::new(async move {
            match place.lock().await.as_mut() {
                Some(reader) => read(reader, position, most).await,
                None => Ok(Bytes::new()),
            }
        }))
    }

    /// Drops the response that the next sequential read would continue, once the call in progress
    /// has ended.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let place = self.reader.place()?;
        runtime::background(py)?.spawn(async move {
            if let Some(reader) = place.lock().await.as_mut() {
                reader.stop();
            }
        });
        Ok(())
    }

    /// Stops reading.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.reader.close(py)
    }
}

async fn read(reader: &mut ContentReader, position: u64, most: usize) -> Result<Bytes> {
    let mut reading = Reading {
        reader,
        is_over: false,
    };
    let reader = &mut *reading.reader;
    if reader.stream_position().await.map_err(error)? != position {
        let to = SeekFrom::Start(position);
        reader.seek(to).await.map_err(error)?;
    }
    let mut bytes = BytesMut::with_capacity(most.min(MOST));
    let mut place = (&mut bytes).limit(most.min(MOST));
    reader.read_buf(&mut place).await.map_err(error)?;
    reading.is_over = true;
    Ok(bytes.freeze())
}

/// A read in progress. If it is cancelled, its connection is closed, even if the file is kept.
struct Reading<'a> {
    reader: &'a mut ContentReader,
    is_over: bool,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.reader.stop();
        }
    }
}

/// Unwraps the error that a reader wraps for Rust's own traits.
fn error(cause: io::Error) -> Error {
    cause.downcast().unwrap_or_else(|cause| {
        let reason = cause.to_string();
        Error::new(ErrorKind::Transport, reason).with_source(cause)
    })
}

impl ToPython for OpenFile {
    fn to_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, self)?.into_any())
    }
}
