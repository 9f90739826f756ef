//! A server in a separate process, which can be killed.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use w3pin_core::Credentials;
use w3pin_server::{Backend, Server, ServerConfig};

use crate::fixture::accounts;

const CHILD: &str = "W3PIN_TEST_CHILD_SERVER";
const CHILD_BACKEND: &str = "W3PIN_TEST_CHILD_BACKEND";
const CHILD_ADDRESS: &str = "W3PIN_TEST_CHILD_ADDRESS";
/// Accounts in addition to those of all tests, as `KEY:SECRET KEY:SECRET`.
pub(crate) const CHILD_ACCOUNTS: &str = "W3PIN_TEST_CHILD_ACCOUNTS";
/// A file for the logs of the child.
pub(crate) const CHILD_LOG: &str = "W3PIN_TEST_CHILD_LOG";

/// Not a test: the process that the tests below kill.
#[test]
fn child_server() {
    let Ok(data) = std::env::var(CHILD) else {
        return;
    };
    if let Ok(log) = std::env::var(CHILD_LOG) {
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(log)
            .unwrap();
        tracing_subscriber::fmt()
            .with_env_filter("trace")
            .with_writer(std::sync::Mutex::new(log))
            .init();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut config = ServerConfig::new(data);
        config.accounts = accounts();
        let more = std::env::var(CHILD_ACCOUNTS).unwrap_or_default();
        let more = more.split(' ').filter_map(|keys| keys.split_once(':'));
        let more = more.map(|(key, secret)| Credentials::new(key, secret).unwrap());
        config.accounts.extend(more);
        config.limits.free_disk_bytes = 0;
        config.scrub = Some(Duration::from_millis(500));
        config.backend = std::env::var(CHILD_BACKEND).unwrap().parse().unwrap();
        config.listen = std::env::var(CHILD_ADDRESS).unwrap().parse().unwrap();
        let server = Server::bind(config).await.unwrap();
        println!("\nlistening {}", server.address());
        server.run_until(std::future::pending()).await;
    });
}

pub(crate) struct ChildServer {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl ChildServer {
    pub(crate) fn start(data: &Path) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_at(anywhere, data, &Backend::Embedded)
    }

    pub(crate) fn start_at(address: SocketAddr, data: &Path, backend: &Backend) -> Self {
        let exe = std::env::current_exe().unwrap();
        Self::run(&mut Command::new(exe), address, data, backend)
    }

    #[allow(dead_code, reason = "Windows has none of these commands")]
    /// The process is started by a command that gets the actual command line as its arguments.
    pub(crate) fn start_by(command: &mut Command, data: &Path) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let command = command.arg(std::env::current_exe().unwrap());
        Self::run(command, anywhere, data, &Backend::Embedded)
    }

    fn run(command: &mut Command, address: SocketAddr, data: &Path, backend: &Backend) -> Self {
        let mut process = command
            .args(["--exact", "child::child_server", "--nocapture"])
            .env(CHILD, data)
            .env(CHILD_BACKEND, backend.to_string())
            .env(CHILD_ADDRESS, address.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut addresses = lines
            .map_while(Result::ok)
            .filter_map(|line| Some(line.strip_prefix("listening ")?.parse().unwrap()));
        let address = addresses.next().expect("the child server starts");
        Self { process, address }
    }

    #[allow(dead_code, reason = "the attacks use this file too")]
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// `kill -9`, on Unix.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for ChildServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
