//! The command as shipped.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{
    elsewhere::crowd_accounts,
    fixture::{ALICE, BOB, text},
};

/// `w3pin serve`.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    /// The path of the command, if it was built.
    pub(crate) fn command() -> Option<OsString> {
        std::env::var_os("W3PIN_TEST_COMMAND")
    }

    /// The process is started by a command that gets the actual command line as its arguments.
    pub(crate) fn start(command: &mut Command, data: &Path, log: &Path) -> Self {
        let accounts = [ALICE, BOB].map(|keys| keys.join(":")).join(" ");
        let accounts = format!("{accounts} {}", crowd_accounts());
        let mut process = command
            .args([
                "-vv",
                "serve",
                "--json",
                "--listen",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(data)
            .env("W3PIN_ACCOUNTS", accounts)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{}", fs::read_to_string(log).unwrap()));
        let url = text(&said["endpoint"]).trim_start_matches("http://");
        let address = url.split('/').next().unwrap().parse().unwrap();
        Self { process, address }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
