use std::{
    cell::RefCell,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::{Bench, Workload};
use crate::{Result, lab::Lab, measure::Clock};

const FILES: usize = 4_096;
/// The program whose figures are compared with the goals.
pub(crate) const IN_FLIGHT: &str = "w3pin serve, 64 in flight";

/// Measures the local server: parsing, hashing, storing and syncing.
pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    if bench.wants("server") {
        one_file(bench)?;
    }
    if bench.wants("server-files") {
        small_files(bench)?;
    }
    Ok(())
}

fn small_files(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let folder = lab.folder_of_different(FILES)?.display().to_string();
    let scratch = TempDir::new_in(&lab.options.out)?;
    let server = RefCell::new(None);
    let title = format!(
        "The local server takes {FILES} different files of 4 KiB one by one, each durable before the response"
    );
    let mut work = Workload::new(
        "server-files",
        title,
        "a file and a sync each",
        Clock::Itself,
    );
    work.program("a file and a sync each", || {
        let into = TempDir::new_in(&scratch).map(TempDir::keep);
        let into = into.unwrap_or_default().display().to_string();
        lab.client("std", &["synced", &folder, &into])
    });
    for (program, concurrency) in [("w3pin serve, 1 in flight", "1"), (IN_FLIGHT, "64")] {
        work.program(program, || match Server::start(lab, &scratch) {
            Ok(started) => {
                let task = ["files", &started.url, &folder, concurrency];
                let command = lab.client("std", &task);
                server.replace(Some(started));
                command
            }
            Err(_) => Command::new("false"),
        });
    }
    bench.run(&work);
    Ok(())
}

fn one_file(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let size = lab.options.largest.min(1024);
    let file = lab.file(size << 20)?;
    let path = file.display().to_string();
    let scratch = TempDir::new_in(&lab.options.out)?;
    let copy = scratch.path().join("copy").display().to_string();
    // A new server each time: it refuses content that it already has.
    let server = RefCell::new(None);
    let title = format!("The local server takes {size} MiB from curl");
    let mut work = Workload::new("server", title, "cp, sha256sum", Clock::Process);
    work.program("cp, sha256sum", || {
        let mut shell = Command::new("sh");
        shell.args(["-c", "cp \"$0\" \"$1\" && sha256sum \"$0\"", &path, &copy]);
        shell
    });
    work.program("w3pin serve", || match Server::start(lab, &scratch) {
        Ok(started) => {
            let url = started.url.clone();
            server.replace(Some(started));
            Lab::curl(&url, &file)
        }
        Err(_) => Command::new("false"),
    });
    bench.run(&work);
    Ok(())
}

/// A running local server, killed on drop.
pub(super) struct Server {
    child: Child,
    /// The URL of its API.
    pub(super) url: String,
}

impl Server {
    /// Starts over a new data folder.
    pub(super) fn start(lab: &Lab<'_>, scratch: &TempDir) -> Result<Self> {
        Self::over(lab, &TempDir::new_in(scratch)?.keep())
    }

    pub(super) fn over(lab: &Lab<'_>, data: &Path) -> Result<Self> {
        let mut child = Self::command(lab, data).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().ok_or("the server has no output")?;
        for line in BufReader::new(out).lines() {
            if let Some(at) = line?
                .split_whitespace()
                .find(|word| word.starts_with("http"))
            {
                let url = at.trim_end_matches(',').to_owned();
                return Ok(Self { child, url });
            }
        }
        Err("the server didn't start".into())
    }

    pub(super) fn command(lab: &Lab<'_>, data: &Path) -> Command {
        let mut command = lab.w3pin(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .args(["--api-key", "key", "--secret-key", "secret", "--data"])
            .arg(data);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
