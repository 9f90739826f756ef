use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;
use tempfile::TempDir;

use super::{Bench, Workload, server::Server};
use crate::{Result, lab::Lab, measure::Clock};

const FILES: usize = 10_000;
const LATENCY_MS: &str = "50";

/// Fetches content to disk from gateways on loopback.
pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    let large = bench.lab.options.largest.min(1024);
    if bench.wants(&format!("fetch-{large}")) {
        one_file(bench, large)?;
    }
    if bench.wants("fetch-files") {
        small_files(bench)?;
    }
    if bench.wants("fetch-delayed") {
        slow_gateways(bench)?;
    }
    Ok(())
}

fn one_file(bench: &mut Bench<'_>, size: u64) -> Result {
    let lab = bench.lab;
    let scratch = TempDir::new_in(&lab.options.out)?;
    let content = lab.file(size << 20)?;
    let (server, cid) = served(lab, &scratch, &content)?;
    let gateway = gateway(&server);
    let target = Target::new(&scratch);
    let title = format!("One file of {size} MiB from the local server's gateway");
    let mut work = Workload::new(format!("fetch-{size}"), title, "curl", Clock::Process);
    work.program("curl", || {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*"])
            .arg("--output")
            .arg(target.empty())
            .arg(format!("{gateway}/ipfs/{cid}"));
        curl
    });
    work.program("w3pin", || fetch(lab, &[&gateway], &cid, &target));
    bench.run(&work);
    Ok(())
}

fn small_files(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let scratch = TempDir::new_in(&lab.options.out)?;
    let content = lab.folder_of_different(FILES)?;
    let (server, cid) = served(lab, &scratch, &content)?;
    let gateway = gateway(&server);
    let target = Target::new(&scratch);
    let kubo = lab
        .options
        .kubo
        .as_deref()
        .map(|program| Kubo::with(program, &content, scratch.path()))
        .transpose()?;
    let title = format!(
        "A folder of {FILES} files of 4 KiB, by `ipfs get` out of its own repository, which costs no network"
    );
    let mut work = Workload::new("fetch-files", title, "ipfs get", Clock::Process);
    work.peer("ipfs get", || {
        let mut command = kubo.as_ref()?.ipfs(&["--offline", "get", "--output"]);
        command.arg(target.empty()).arg(&cid);
        Some(command)
    });
    work.program("w3pin", || fetch(lab, &[&gateway], &cid, &target));
    bench.run(&work);
    Ok(())
}

fn slow_gateways(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let scratch = TempDir::new_in(&lab.options.out)?;
    let content = lab.file(64 << 20)?;
    let cid = lab.cid(&content)?;
    let gateways = (0..4)
        .map(|_| lab.gateway(&content, LATENCY_MS))
        .collect::<Result<Vec<_>>>()?;
    let urls: Vec<_> = gateways.iter().map(|gateway| &gateway.url[..]).collect();
    let one = urls.get(..1).unwrap_or_default();
    let target = Target::new(&scratch);
    let title = format!(
        "One file of 64 MiB, block by block, from gateways that answer after {LATENCY_MS} ms"
    );
    let mut work = Workload::new("fetch-delayed", title, "one gateway", Clock::Process);
    work.program("one gateway", || fetch(lab, one, &cid, &target));
    work.program("four gateways", || fetch(lab, &urls, &cid, &target));
    bench.run(&work);
    Ok(())
}

fn fetch(lab: &Lab<'_>, gateways: &[&str], cid: &str, target: &Target) -> Command {
    let mut command = lab.w3pin(&["fetch", "--quiet"]);
    for gateway in gateways {
        command.args(["--gateway", gateway]);
    }
    command.arg(cid).arg(target.empty());
    command
}

/// The destinations of the programs, a separate one for each.
///
/// Folders are removed only after all programs have ended: ext4 skips inodes freed in the last minute
/// whenever it creates a file, which would dominate the measurement.
struct Target {
    scratch: PathBuf,
    places: Cell<u32>,
}

impl Target {
    fn new(scratch: &TempDir) -> Self {
        Self {
            scratch: scratch.path().to_owned(),
            places: Cell::new(0),
        }
    }

    /// Returns a path where nothing exists.
    fn empty(&self) -> PathBuf {
        let place = |number: u32| self.scratch.join(format!("fetched-{number}"));
        let number = self.places.get();
        self.places.set(number + 1);
        // The disk has space for only one large file, and none exists at first.
        let _ = fs::remove_file(place(number));
        place(number + 1)
    }
}

/// A local server that has a file or folder, and the CID of its content.
fn served(lab: &Lab<'_>, scratch: &TempDir, content: &Path) -> Result<(Server, String)> {
    #[derive(Deserialize)]
    struct Pinned {
        cid: String,
    }

    let server = Server::start(lab, scratch)?;
    let output = lab
        .w3pin(&["add", "--quiet", "--json", "--endpoint", &server.url])
        .args(["--api-key", "key", "--secret-key", "secret"])
        .arg(content)
        .stderr(Stdio::inherit())
        .output()?;
    let pinned: Pinned = serde_json::from_slice(&output.stdout)?;
    Ok((server, pinned.cid))
}

/// Returns the URL of a server's gateway, given that of its API.
fn gateway(server: &Server) -> String {
    server.url.replace("/api/pinning", "")
}

/// A Kubo repository that was never online.
struct Kubo {
    program: PathBuf,
    repository: PathBuf,
}

impl Kubo {
    fn with(program: &Path, content: &Path, scratch: &Path) -> Result<Self> {
        let kubo = Self {
            program: program.to_owned(),
            repository: scratch.join("kubo"),
        };
        kubo.run(&["init", "--empty-repo", "--profile=unixfs-v1-2025"])?;
        let content = content.display().to_string();
        kubo.run(&["--offline", "add", "--quieter", "--recursive", &content])?;
        Ok(kubo)
    }

    fn ipfs(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("IPFS_PATH", &self.repository)
            .env("IPFS_TELEMETRY", "off")
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Result {
        let output = self.ipfs(arguments).output()?;
        if output.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("ipfs {arguments:?}: {complaint}").into())
    }
}
