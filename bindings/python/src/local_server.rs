//! The pinning API on this machine, for tests.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use pyo3::{
    exceptions::{PyOSError, PyRuntimeError},
    prelude::*,
};
use w3pin_server::{RunningServer, Server, ServerConfig};

use crate::runtime;

/// How long the end of a test waits for requests in progress.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// A server in this process, on a free port.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct LocalServer {
    url: String,
    api_key: String,
    secret_key: String,
    running: Mutex<Option<RunningServer>>,
}

#[pymethods]
impl LocalServer {
    /// Serves a folder, for a new account.
    #[new]
    fn new(py: Python<'_>, data: PathBuf) -> PyResult<Self> {
        let runtime = runtime::background(py)?;
        let mut config = ServerConfig::new(data);
        config.limits.shutdown_timeout = SHUTDOWN;
        let bound = py.detach(|| runtime.block_on(Server::bind(config)));
        let server = bound.map_err(|cause| PyOSError::new_err(cause.to_string()))?;
        let keys = server.generated_credentials().ok_or_else(|| {
            PyRuntimeError::new_err("the folder has an account already; give an empty one")
        })?;
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        let (api_key, secret_key) = (text(keys.api_key()), text(keys.secret_key()));
        let _context = runtime.enter();
        let running = server.spawn();
        Ok(Self {
            url: running.url(),
            api_key,
            secret_key,
            running: Mutex::new(Some(running)),
        })
    }

    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    #[getter]
    fn api_key(&self) -> &str {
        &self.api_key
    }

    #[getter]
    fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Stops the server, and unlocks the folder.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(server) = running.take() else {
            return Ok(());
        };
        drop(running);
        let runtime = runtime::background(py)?;
        let stopped = py.detach(|| runtime.block_on(server.shutdown()));
        stopped.map_err(|cause| PyRuntimeError::new_err(cause.to_string()))
    }
}
