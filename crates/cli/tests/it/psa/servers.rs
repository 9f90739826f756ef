//! The command against servers of others: from npm, by `cargo xtask psa`, and IPFS Cluster's own.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::{CID, CONTENT, json};
use crate::fixture::{Place, Ran};

const TOKEN: &str = "the-token";
const OTHERS: [&str; 3] = [
    "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am",
    "bafybeicix6djroc7gtru6ad2cu7ooutvoyqafblaloqjgvipkhnkujrb6y",
    "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
];

/// A server from npm, which runs until this is dropped.
struct Process(Child);

impl Process {
    fn start(script: &str) -> (Self, Service) {
        let packages = std::env::var("W3PIN_TEST_NPM_PSA_SERVERS");
        let packages = PathBuf::from(packages.expect("`cargo xtask psa` runs this"));
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/psa");
        // It finds packages beside itself.
        let place = packages.join(script);
        fs::copy(ours.join(script), &place).unwrap();
        let mut child = Command::new("node")
            .arg(place)
            .args([TOKEN, CID, CONTENT])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is installed");
        let mut url = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url:?}");
        let url = url.trim().to_owned();
        let token = TOKEN.to_owned();
        (Self(child), Service { url, token })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A service of another, and a token of it.
pub(super) struct Service {
    pub(super) url: String,
    pub(super) token: String,
}

impl Service {
    pub(super) fn run(&self, place: &Place, args: &[&str]) -> Ran {
        let flags = ["--api", "pinning-service", "--endpoint", &self.url];
        let token = ["--token", &self.token, "--json"];
        place.run(&[&flags[..], &token, args].concat())
    }

    /// Pins by CID, of which the service has the first, and all that is done with pins.
    pub(super) fn serves(&self) {
        let place = Place::new();
        self.run(&place, &["check"]).ok();
        let wrong = ["--api", "pinning-service", "--endpoint", &self.url];
        let said = place
            .run(&[&wrong[..], &["--token", "other", "check"]].concat())
            .fails(3);
        assert!(said.contains("rejected the token"), "{said}");

        let add = |cid: &str, name: &str| {
            let args = ["add-cid", cid, "--name", name, "--meta", "k=v"];
            json(&self.run(&place, &args).ok())
        };
        let first = add(CID, "pinned-first");
        assert_eq!(first["cid"], CID);
        assert_eq!(first["name"], "pinned-first");
        assert_eq!(first["keyvalues"]["k"], "v");
        let id = first["id"].as_str().unwrap().to_owned();
        let wait = ["wait", &id, "--poll-interval", "100ms"];
        let done = json(&self.run(&place, &wait).ok());
        assert_eq!(done["pinned"], true);
        let again = ["add-cid", CID, "--skip-if-pinned"];
        let again = json(&self.run(&place, &again).ok());
        assert_eq!(again["id"], id.as_str());
        assert_eq!(again["already_pinned"], true);

        let mut ids: Vec<Value> = vec![first["id"].clone()];
        ids.extend(OTHERS.map(|cid| add(cid, "queued-other")["id"].clone()));
        ids.sort_by_key(Value::to_string);
        for limit in ["2", "3", "100"] {
            let all = self.run(&place, &["ls", "--all", "--limit", limit]).ok();
            let mut found: Vec<_> = all.lines().map(|line| json(line)["id"].clone()).collect();
            found.sort_by_key(Value::to_string);
            assert_eq!(found, ids, "{limit}");
        }
        let pinned = json(&self.run(&place, &["ls", "--pinned", "true"]).ok());
        assert_eq!(pinned["pins"].as_array().unwrap().len(), 1);

        self.run(&place, &["rm", &id]).ok();
        let gone = self.run(&place, &["get", &id]).fails(4);
        assert!(gone.contains("doesn't know this pin"), "{gone}");
        let refused = self.run(&place, &["add-cid", "bafkqaaa", "--name", &"x".repeat(256)]);
        assert!(refused.fails(2).contains("255 characters"));
    }
}

#[test]
#[ignore = "needs packages of npm: cargo xtask psa"]
fn mock_ipfs_pinning_service() {
    let (_process, service) = Process::start("mock.mjs");
    service.serves();
}

#[test]
#[ignore = "needs packages of npm: cargo xtask psa"]
fn helia() {
    let (_process, service) = Process::start("helia.mjs");
    service.serves();
}
