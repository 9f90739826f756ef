//! Wakes an event loop from threads that don't hold the interpreter.

#[cfg(unix)]
use std::{
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::net::UnixStream},
};

#[cfg(unix)]
use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;

/// Wakes one event loop, which then calls a function.
pub(crate) enum Alarm {
    /// By a socket that the loop watches. The runtime's threads never wait for Python.
    #[cfg(unix)]
    Socket(UnixStream),
    /// By a thread-safe call, for loops that can't watch sockets, as on Windows.
    Call {
        call_soon: Py<PyAny>,
        answer: Py<PyAny>,
    },
}

impl Alarm {
    /// Creates an alarm that makes the loop call `answer`, and the loop's watch for it.
    pub(crate) fn new(
        event_loop: &Bound<'_, PyAny>,
        answer: Py<PyAny>,
    ) -> PyResult<(Self, Option<Watch>)> {
        #[cfg(unix)]
        {
            let (ringing, heard) = UnixStream::pair()?;
            ringing.set_nonblocking(true)?;
            heard.set_nonblocking(true)?;
            let socket = heard.as_raw_fd();
            let answer = answer.clone_ref(event_loop.py());
            match event_loop.call_method1("add_reader", (socket, Heard { heard, answer })) {
                Ok(_) => {
                    let event_loop = event_loop.clone().unbind();
                    return Ok((Self::Socket(ringing), Some(Watch { event_loop, socket })));
                }
                Err(error) if error.is_instance_of::<PyNotImplementedError>(event_loop.py()) => {}
                Err(error) => return Err(error),
            }
        }
        let call_soon = event_loop.getattr("call_soon_threadsafe")?.unbind();
        Ok((Self::Call { call_soon, answer }, None))
    }

    /// Wakes the loop. Does nothing once the loop is closed or the interpreter is exiting.
    pub(crate) fn ring(&self) {
        match self {
            #[cfg(unix)]
            Self::Socket(ringing) => drop((&mut &*ringing).write(&[1])),
            Self::Call { call_soon, answer } => {
                Python::try_attach(|py| call_soon.call1(py, (answer,)).map(drop));
            }
        }
    }
}

/// Called by the loop when the socket is readable.
#[cfg(unix)]
#[pyclass(frozen)]
struct Heard {
    heard: UnixStream,
    answer: Py<PyAny>,
}

#[cfg(unix)]
#[pymethods]
impl Heard {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        match (&mut &self.heard).read(&mut [0; 64]) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error.into()),
            _ => self.answer.call0(py).map(drop),
        }
    }
}

/// A loop's watch for an alarm, removed on drop.
#[cfg_attr(
    not(unix),
    expect(dead_code, reason = "loops are called there, and watch nothing")
)]
pub(crate) struct Watch {
    event_loop: Py<PyAny>,
    socket: i32,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The loop owns its end of the socket, and may belong to another thread, be closed, or
        // belong to the parent of a fork.
        Python::try_attach(|py| {
            let event_loop = self.event_loop.bind(py);
            let remove = event_loop.getattr("remove_reader")?;
            event_loop
                .call_method1("call_soon_threadsafe", (remove, self.socket))
                .map(drop)
        });
    }
}
