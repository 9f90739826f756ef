use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{ALICE, MALLORY};

/// `w3pin serve` in a process and with data of its own.
pub(crate) struct Served {
    child: Child,
    said: Value,
    folder: TempDir,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::run("", arguments)
    }

    /// With so many files that may be open.
    pub(crate) fn with_open_files(files: usize) -> Self {
        Self::run(&format!("ulimit -n {files};"), &[])
    }

    fn run(before: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let command = std::env::var("W3PIN_ATTACK_COMMAND").expect("`cargo xtask attack` sets it");
        let accounts = [MALLORY, ALICE].map(|it| format!("{}:{}", it.api_key, it.secret_key));
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before} exec \"$0\" \"$@\""), &command])
            .args(["-vv", "serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .args(arguments)
            .env("W3PIN_ACCOUNTS", accounts.join(" "))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|_| {
            let log = fs::read_to_string(folder.path().join("log"));
            panic!("it didn't start: {log:?}")
        });
        Self {
            child,
            said,
            folder,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        address(&self.said["endpoint"])
    }

    pub(crate) fn gateway(&self) -> SocketAddr {
        address(&self.said["gateway"])
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// The most memory that it has had, in MiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:") / 1024
    }

    /// The memory that it has, in MiB.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:") / 1024
    }

    /// The arguments that every user of the machine sees.
    pub(crate) fn arguments(&self) -> String {
        fs::read_to_string(self.proc("cmdline")).unwrap()
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes = line.unwrap().split_whitespace().next().unwrap();
        kibibytes.parse().unwrap()
    }

    fn proc(&self, name: &str) -> std::path::PathBuf {
        Path::new("/proc").join(self.child.id().to_string()).join(name)
    }
}

fn address(url: &Value) -> SocketAddr {
    let url = url.as_str().unwrap().trim_start_matches("http://");
    url.split('/').next().unwrap().parse().unwrap()
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
