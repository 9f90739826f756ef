//! Shared by all scenarios: the server, the other users, and the checks.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
    time::Instant,
};

use serde_json::json;
use tempfile::TempDir;
use w3pin_server::{Server, ServerConfig};

use crate::{
    child::{CHILD_ACCOUNTS, CHILD_LOG, ChildServer},
    elsewhere::crowd_accounts,
    fixture::{ALICE, BOB, Reply, accounts, file, form, text},
    others::{Ledger, Others},
    served::Served,
    wire::call,
};

/// The default memory limit of a server, in MiB.
const MEMORY: u64 = 256;
/// The maximum slowdown of others' calls while the server is attacked.
const SLOWER: f64 = 3.0;

/// An attack in progress, and the other users of the server meanwhile.
pub(crate) struct Attack {
    name: &'static str,
    place: TempDir,
    data: PathBuf,
    server: Option<Process>,
    others: Others,
    began: Instant,
    ledger: Ledger,
    /// The peak memory of all servers, in MiB.
    peak: u64,
    notes: Vec<String>,
    /// The command that starts a server, unless it is started directly.
    shell: Option<&'static str>,
    /// Whether the shipped command is attacked with load: others must not notice.
    is_load: bool,
}

/// The server.
enum Process {
    Child(ChildServer),
    Served(Served),
}

impl Process {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Child(child) => child.address,
            Self::Served(served) => served.address,
        }
    }

    fn id(&self) -> u32 {
        match self {
            Self::Child(child) => child.id(),
            Self::Served(served) => served.id(),
        }
    }
}

/// Whether the attack is to last, as for `cargo xtask attack`, or to end within seconds.
pub(crate) fn is_long() -> bool {
    std::env::var("W3PIN_TEST_ATTACK").is_ok_and(|form| form == "long")
}

/// Repeats rounds as long as there is time.
pub(crate) fn rounds(short: u64, long: u64) -> u64 {
    if is_long() { long } else { short }
}

impl Attack {
    pub(crate) fn begin(name: &'static str) -> Self {
        let place = TempDir::new().unwrap();
        let data = place.path().join("data");
        Self::begin_in(name, place, data, None, false)
    }

    /// Attacks the shipped command, if it was built, with more load than it should get.
    pub(crate) fn begin_load(name: &'static str) -> Self {
        Self::begin_load_by(name, None)
    }

    /// The same with servers that are started by a shell command.
    pub(crate) fn begin_load_by(name: &'static str, shell: Option<&'static str>) -> Self {
        let place = TempDir::new().unwrap();
        let data = place.path().join("data");
        Self::begin_in(name, place, data, shell, true)
    }

    /// With its data in an existing folder.
    pub(crate) fn begin_at(name: &'static str, data: &Path) -> Self {
        Self::begin_in(
            name,
            TempDir::new().unwrap(),
            data.to_path_buf(),
            None,
            false,
        )
    }

    /// With servers that are started by a shell command, which receives their command line as its arguments.
    pub(crate) fn begin_by(name: &'static str, shell: &'static str) -> Self {
        let place = TempDir::new().unwrap();
        let data = place.path().join("data");
        Self::begin_in(name, place, data, Some(shell), false)
    }

    fn begin_in(
        name: &'static str,
        place: TempDir,
        data: PathBuf,
        shell: Option<&'static str>,
        is_load: bool,
    ) -> Self {
        let ledger: Ledger = Arc::new(Mutex::default());
        let mut attack = Self {
            name,
            place,
            data,
            server: None,
            others: Others::begin(&ledger),
            began: Instant::now(),
            ledger,
            peak: 0,
            notes: Vec::new(),
            shell,
            is_load,
        };
        attack.start();
        attack.others.be_calm(rounds(60, 600) as usize);
        if is_load || is_long() {
            yield_to_all_else();
        }
        attack
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().address()
    }

    /// A figure specific to this attack.
    pub(crate) fn note(&mut self, figure: &str) {
        self.notes.push(figure.to_owned());
    }

    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// The server's process as every user of the machine sees it.
    pub(crate) fn arguments(&self) -> String {
        let id = self.server.as_ref().unwrap().id();
        fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap()
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn start(&mut self) {
        let mut command = match self.shell {
            Some(shell) => {
                let mut command = Command::new("sh");
                command.args(["-c", shell]);
                command
            }
            None => Command::new("env"),
        };
        let server = match Served::command().filter(|_| self.is_load) {
            Some(w3pin) => {
                let command = command.arg(w3pin);
                Process::Served(Served::start(command, &self.data, &self.log()))
            }
            None => {
                command.env(CHILD_LOG, self.log());
                command.env(CHILD_ACCOUNTS, crowd_accounts());
                Process::Child(ChildServer::start_by(&mut command, &self.data))
            }
        };
        self.others.serve(Some(server.address()));
        self.server = Some(server);
    }

    pub(crate) fn kill(&mut self) {
        self.others.serve(None);
        if let Some(server) = self.server.take() {
            self.peak = self.peak.max(peak_memory(server.id()));
            drop(server);
        }
    }

    /// The error with which a server fails to start with the current data.
    pub(crate) fn refusal(&self) -> String {
        let mut config = ServerConfig::new(&self.data);
        config.accounts = accounts();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let refused = runtime.block_on(Server::bind(config));
        refused.expect_err("it must be refused").to_string()
    }

    pub(crate) fn call(
        &self,
        method: &str,
        keys: Option<[&str; 2]>,
        path: &str,
        body: &str,
    ) -> Reply {
        let address = self.address();
        let reply = call(
            address,
            method,
            keys,
            path,
            "application/json",
            body.as_bytes(),
        );
        reply.expect("the server answers")
    }

    /// Uploads a file and records the acknowledgement; returns the pin's id.
    pub(crate) fn upload(&self, name: &str, content: &[u8]) -> Result<String, u16> {
        self.upload_parts(&[(name, content)])
    }

    pub(crate) fn upload_parts(&self, files: &[(&str, &[u8])]) -> Result<String, u16> {
        self.upload_as(ALICE, files)
    }

    pub(crate) fn upload_as(
        &self,
        keys: [&str; 2],
        files: &[(&str, &[u8])],
    ) -> Result<String, u16> {
        let address = self.address();
        let parts: Vec<_> = files
            .iter()
            .map(|(name, content)| file(name, content))
            .collect();
        let reply = crate::others::upload(address, keys, &form(&parts)).expect("it answers");
        if reply.status != 201 {
            return Err(reply.status);
        }
        let pin = reply.data();
        let mut ledger = self.ledger.lock().unwrap();
        for (name, content) in files {
            let path = match name.split_once('/') {
                Some((_, below)) => format!("{}/{below}", text(&pin["cid"])),
                None => text(&pin["cid"]).to_owned(),
            };
            ledger.insert(path, content.to_vec());
        }
        Ok(text(&pin["id"]).to_owned())
    }

    pub(crate) fn unpin(&self, id: &str) -> u16 {
        let path = format!("/api/pinning/unpin/{id}");
        self.call("DELETE", Some(ALICE), &path, "").status
    }

    /// Damaged or ended pins are no longer expected.
    pub(crate) fn forget(&self, content: &[u8]) {
        self.ledger
            .lock()
            .unwrap()
            .retain(|_, kept| kept != content);
    }

    /// The same for everything in folders.
    pub(crate) fn forget_folders(&self) {
        self.ledger
            .lock()
            .unwrap()
            .retain(|path, _| !path.contains('/'));
    }

    /// Whether content is served, and if so, undamaged.
    pub(crate) fn is_served(&self, path: &str, content: &[u8]) -> bool {
        let reply = self.call("GET", None, &format!("/ipfs/{path}"), "");
        assert!(
            reply.status != 200 || reply.body == content,
            "wrong bytes are served"
        );
        reply.status == 200
    }

    /// Checks the guarantees, and prints the figures.
    pub(crate) fn finish(mut self) {
        let times = self.others.end();
        let (mut lost, mut wrong) = (0, 0);
        let ledger = self.ledger.lock().unwrap().clone();
        for (path, content) in &ledger {
            let reply = self.call("GET", None, &format!("/ipfs/{path}"), "");
            match reply.status {
                200 if reply.body == *content => {}
                200 => wrong += content.len(),
                _ => lost += 1,
            }
        }
        self.kill();
        let log = fs::read(self.log()).unwrap_or_default();
        let keys: usize = [ALICE, BOB]
            .as_flattened()
            .iter()
            .map(|key| count(&log, key))
            .sum();
        let (name, peak) = (self.name, self.peak);
        let [before, during] = times.milliseconds();
        let figures = json!({
            "scenario": name,
            "seconds": self.began.elapsed().as_secs(),
            "peak_mib": peak,
            "p99_before_ms": before,
            "p99_during_ms": during,
            "calls_during": times.calls(),
            "contents": ledger.len(),
            "lost": lost,
            "bytes_wrong": wrong,
            "keys_seen": keys,
            "notes": self.notes,
        });
        println!("ATTACK {figures}");
        assert_eq!((lost, wrong, keys), (0, 0, 0), "{name}");
        if self.is_load {
            assert!(peak < MEMORY, "{name}: {peak} MiB");
            assert!(times.failed().is_empty(), "{name}: {:?}", times.failed());
            // A time is meaningful only for many calls on an otherwise idle machine.
            let is_told = is_long() && times.calls() >= 100;
            assert!(
                !is_told || during <= SLOWER * before,
                "{name}: others' calls took {during} ms instead of {before} ms"
            );
        }
    }

    fn log(&self) -> PathBuf {
        self.place.path().join("log")
    }
}

/// Real attackers have their own machines. Here they share that of the server, and their threads would take
/// processors from it, which no server can prevent. So this thread, and all that it starts, only get the
/// processor time left by the server and the other users, who preempt them at once. The server's work for the
/// attackers counts in full.
#[cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "no crate in use wraps this call")
)]
fn yield_to_all_else() {
    #[cfg(target_os = "linux")]
    {
        let this_thread = 0;
        let parameters = libc::sched_param { sched_priority: 0 };
        // SAFETY: the parameters are only read.
        let result = unsafe {
            libc::sched_setscheduler(this_thread, libc::SCHED_IDLE, &raw const parameters)
        };
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
    }
}

fn count(bytes: &[u8], key: &str) -> usize {
    memchr::memmem::find_iter(bytes, key).count()
}

/// The peak memory of a process in MiB; Linux only.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) / 1024
}
