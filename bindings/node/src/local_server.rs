//! A server in this process, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi_derive::napi;
use serde::Serialize;
use w3pin::{Credentials, Error, ErrorKind};
use w3pin_server::{RunningServer, ServeError, Server, ServerConfig};

use crate::{
    call::{Promised, promise},
    error::rejection,
    options,
    results::Show,
};

#[derive(Serialize)]
struct Started {
    endpoint: String,
}

impl Show for Started {
    type Shown = Self;

    fn show(self) -> Self {
        self
    }
}

/// A server on a free port of this machine.
#[napi]
pub struct NativeServer {
    running: Arc<Mutex<Option<RunningServer>>>,
}

#[napi]
impl NativeServer {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self {
            running: Arc::default(),
        }
    }

    /// Starts the server. Returns its URL.
    #[napi]
    pub fn start<'env>(
        &self,
        env: &'env Env,
        data: String,
        api_key: String,
        secret_key: String,
        profile: String,
    ) -> napi::Result<Promised<'env>> {
        let running = Arc::clone(&self.running);
        let credentials =
            Credentials::new(&api_key, &secret_key).map_err(|error| rejection(&error))?;
        let profile = options::profile(&profile).map_err(|error| rejection(&error))?;
        let start = async move {
            let mut config = ServerConfig::new(data);
            config.accounts = vec![credentials];
            config.profile = profile;
            let server = Server::bind(config).await.map_err(failed)?.spawn();
            let endpoint = server.url();
            *running.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
            Ok(Started { endpoint })
        };
        promise(env, start)
    }

    /// Stops the server.
    #[napi]
    pub fn stop<'env>(&self, env: &'env Env) -> napi::Result<Promised<'env>> {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        promise(env, async move {
            match running {
                Some(running) => running.shutdown().await.map_err(failed),
                None => Ok(()),
            }
        })
    }
}

/// Since its address isn't configurable, a server can only lack a port or a local folder.
fn failed(cause: ServeError) -> napi::Error {
    rejection(&Error::new(ErrorKind::LocalIo, cause.to_string()))
}
