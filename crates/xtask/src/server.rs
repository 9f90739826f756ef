//! Runs `w3pin serve` on this machine.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{Result, built};

/// A server with one account, stopped on drop.
pub(crate) struct Server {
    process: Child,
    endpoint: String,
    data: PathBuf,
}

impl Server {
    /// Starts the server, with its data in the folder `data`.
    pub(crate) fn start(data: &Path) -> Result<Self> {
        let program = built::programs().join("w3pin");
        let failed = |cause| format!("{}: {cause}", program.display());
        let mut process = Command::new(&program)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--api-key", "KEY", "--secret-key", "SECRET", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(failed)?;
        }
        let endpoint = line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap_or_default()
            .trim_end_matches(',')
            .to_owned();
        let data = data.to_owned();
        Ok(Self {
            process,
            endpoint,
            data,
        })
    }

    /// Configures `command` to use this server and none of the user's own settings.
    pub(crate) fn configure(&self, command: &mut Command) {
        command
            .env("W3PIN_ENDPOINT", &self.endpoint)
            .env("W3PIN_API_KEY", "KEY")
            .env("W3PIN_SECRET_KEY", "SECRET")
            .env("XDG_CONFIG_HOME", &self.data);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
