//! Tests with the conformance suite of the API, and with npm clients: `cargo xtask psa`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::fixture::{ALICE, TestServer, noise, text};

/// The path of something that a test needs.
fn given(variable: &str) -> PathBuf {
    let path = std::env::var(variable);
    let path = path.unwrap_or_else(|_| panic!("{variable} isn't set; `cargo xtask psa` runs this"));
    PathBuf::from(path)
}

/// A folder with the packages of npm.
fn packages() -> PathBuf {
    given("W3PIN_TEST_NPM_PSA")
}

fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/psa")
        .join(name)
}

fn token() -> String {
    format!("{}:{}", ALICE[0], ALICE[1])
}

/// Runs a script; returns its output.
fn node(script: &Path, folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("Node.js is installed");
    let complaint = String::from_utf8_lossy(&output.stderr);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{complaint}");
    format!("{said}\n{complaint}")
}

#[test]
#[ignore = "needs packages of npm: cargo xtask psa"]
fn the_conformance_suite_has_nothing_to_say() {
    let server = TestServer::start();
    let suite = packages().join("node_modules/@ipfs-shipyard/pinning-service-compliance");
    // Otherwise it downloads the document from the network.
    let constants = suite.join("dist/src/utils/constants.js");
    let source = fs::read_to_string(&constants).unwrap();
    let document = json!(ours("ipfs-pinning-service.yaml"));
    let lines = source.lines().map(|line| {
        if line.starts_with("const specLocation = ") {
            format!("const specLocation = {document};")
        } else {
            line.to_owned()
        }
    });
    let changed = lines.collect::<Vec<_>>().join("\n");
    assert!(changed.contains(&document.to_string()));
    fs::write(&constants, changed).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let said = node(
        &suite.join("dist/src/index.js"),
        folder.path(),
        &["-s", &server.url("/psa"), &token()],
    );
    // It exits successfully whatever it finds.
    let passed = said.matches('🟢').count();
    let failed = said.matches(['❌', '⚠']).count();
    println!("{passed} passed, {failed} failed");
    assert_eq!(failed, 0, "{said}");
    assert!(passed >= 60, "{said}");
}

#[test]
#[ignore = "needs packages of npm: cargo xtask psa"]
fn helias_remote_pins_are_pins_here() {
    let server = TestServer::start();
    let pin = server.pin("a", &noise(1, 1000));
    let cid = text(&pin["cid"]);
    assert_eq!(server.unpin(&pin["id"]).status, 200);
    // Another account has the content, so it is available.
    let theirs = server.upload_as(
        crate::fixture::BOB,
        &[crate::fixture::file("a", &noise(1, 1000))],
    );
    assert_eq!(theirs.status, 201);
    // Packages are resolved relative to the script.
    let script = packages().join("remote-pins.mjs");
    fs::copy(ours("remote-pins.mjs"), &script).unwrap();
    let said = node(&script, &packages(), &[&server.url("/psa"), &token(), cid]);
    let said: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(said["before"], false);
    assert_eq!(said["added"], json!([cid]));
    let listed =
        json!({"cid": cid, "name": "by helia", "metadata": {"a": "1"}, "status": "pinned"});
    assert_eq!(said["listed"], json!([listed]));
    assert_eq!(said["changed"], json!({"a": "2"}));
    assert_eq!(
        [&said["pinned"], &said["after"]],
        [&json!(true), &json!(false)]
    );
    assert_eq!(said["dialed"].as_array().map(Vec::len), Some(1), "{said}");
}

/// No schema specifies which texts are CIDs or which ids exist, so the document doesn't determine whether
/// data is accepted.
const UNSOUND: &str = "positive_data_acceptance,negative_data_rejection";

#[test]
#[ignore = "needs Schemathesis: cargo xtask psa"]
fn every_answer_is_as_the_document_says() {
    let server = TestServer::start();
    for number in 0..3 {
        server.pin("a", &noise(number, 100));
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(given("W3PIN_TEST_SCHEMATHESIS"))
        .arg("run")
        .arg(ours("ipfs-pinning-service.yaml"))
        .args(["--url", &server.url("/psa"), "--no-color"])
        .args(["--checks", "all", "--exclude-checks", UNSOUND])
        .args(["--continue-on-failure", "--max-examples", "50"])
        .args(["-H", &format!("Authorization: Bearer {}", token())])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaint}");
}
