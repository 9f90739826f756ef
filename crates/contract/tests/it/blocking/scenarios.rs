//! Runs the scenarios with the blocking transport over real HTTP, uploading files from disk.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use w3pin::{Result, core::Call};
use w3pin_contract::{Scenario, ScenarioServer};

use super::Blocking;
use crate::{
    calls::{Calls, Driver, File},
    outcome::judge,
};

/// Scenarios that need a socket.
const SHOWN: [&str; 2] = [
    "there is no connection to refuse",
    "how a body without a length is framed is up to the transport",
];

#[test]
fn a_blocking_transport_runs_every_scenario_of_core() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(ScenarioServer::start()).unwrap();
    let url = server.url();
    let shown = |scenario: &Scenario| match &scenario.beyond_core {
        Some(reason) => SHOWN.contains(&&**reason),
        None => true,
    };
    let all = Scenario::load_all().unwrap();
    let shown: Vec<_> = all.into_iter().filter(shown).collect();
    // Several at a time, since some of them wait.
    let failures: Vec<String> = std::thread::scope(|scope| {
        let parts = shown.chunks(shown.len().div_ceil(8));
        let runs: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().flat_map(|it| run(&url, it)).collect()))
            .collect();
        let ended = runs
            .into_iter()
            .flat_map(|run| -> Vec<_> { run.join().unwrap() });
        ended.collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(shown.len() >= 220, "{} scenarios", shown.len());
}

fn run(url: &str, scenario: &Scenario) -> Vec<String> {
    let begun = ask(url, "POST", "/runs", &scenario.id);
    let endpoint = begun["endpoint"].as_str().unwrap();
    let idle = scenario
        .client
        .idle_timeout
        .map_or(Duration::from_secs(60), Duration::from_millis);
    let folder = tempfile::tempdir().unwrap();
    let mut driver = OnDisk {
        blocking: Blocking::new(Vec::new(), idle),
        folder: folder.path(),
    };
    let mut calls = Calls {
        scenario,
        endpoint,
        driver: &mut driver,
    };
    let mut problems = judge(scenario, &calls.run());
    let report = ask(
        url,
        "GET",
        &format!("/runs/{}", begun["run"].as_str().unwrap()),
        "",
    );
    let reported = report["problems"].as_array().unwrap().iter();
    problems.extend(reported.map(|problem| problem.as_str().unwrap().to_owned()));
    let named = problems
        .iter()
        .map(|problem| format!("{}: {problem}", scenario.id));
    named.collect()
}

/// The blocking driver, with a folder of the files to upload.
struct OnDisk<'a> {
    blocking: Blocking,
    folder: &'a Path,
}

impl Driver for OnDisk<'_> {
    fn collect<T, I>(&mut self, call: Call<T, I>, files: &[File], items: &mut Vec<I>) -> Result<T> {
        let written = |(index, (_, content)): (usize, &File)| -> PathBuf {
            let path = self.folder.join(index.to_string());
            fs::write(&path, content).unwrap();
            path
        };
        self.blocking.files = files.iter().enumerate().map(written).collect();
        self.blocking.drive(call, items)
    }
}

/// The responses of the scenario server itself.
fn ask(url: &str, method: &str, path: &str, body: &str) -> Value {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{url}{path}"));
    let mut response = ureq::run(request.body(body).unwrap()).unwrap();
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}
