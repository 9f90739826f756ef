//! Runs the samples of the API page, unchanged except for URL, keys and file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::{ALICE, TestServer, text};

/// The placeholders of the samples, and their replacements.
struct Sample {
    text: String,
    folder: TempDir,
}

const CONTENT: &[u8] = b"\x89PNG\r\n\x1a\nnot much of an image";
const CID: &str = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";

impl Sample {
    fn read(server: &TestServer, name: &str, id: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("test.png");
        fs::write(&file, CONTENT).unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/samples")
            .join(name);
        let text = fs::read_to_string(path)
            .unwrap()
            .replace("https://api-ipfs.attoaioz.cyou", &server.url(""))
            .replace("'KEY'", &format!("'{}'", ALICE[0]))
            .replace("'SECRET'", &format!("'{}'", ALICE[1]))
            .replace(": KEY'", &format!(": {}'", ALICE[0]))
            .replace(": SECRET'", &format!(": {}'", ALICE[1]))
            .replace("/test.png", file.to_str().unwrap())
            .replace("3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2", id)
            .replace("e5c4456d-5e5c-465d-a02a-3a536fc6e718", id)
            .replace("unpin/:pinId\n", &format!("unpin/{id}' \\\n"));
        Self { text, folder }
    }

    /// Runs the sample; returns its output.
    fn run(self, program: &Path, environment: &[(&str, &Path)]) -> Value {
        let script = self.folder.path().join("sample");
        fs::write(&script, &self.text).unwrap();
        let output = Command::new(program)
            .arg(&script)
            .envs(environment.iter().copied())
            .output()
            .unwrap_or_else(|cause| panic!("{}: {cause}", program.display()));
        let printed = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        serde_json::from_str(&printed)
            .unwrap_or_else(|_| panic!("not JSON: {printed}\n{complaint}\n{}", self.text))
    }
}

/// Runs the five samples of a language in turn and checks the responses.
fn check(extension: &str, program: &Path, environment: &[(&str, &Path)]) {
    let server = TestServer::start();
    let run = |name: &str, id: &str| {
        let sample = Sample::read(&server, &format!("{name}.{extension}"), id);
        sample.run(program, environment)
    };
    let success = |mut answer: Value| {
        assert_eq!(answer["status"], "success", "{answer}");
        answer["data"].take()
    };
    let uploaded = success(run("upload", ""));
    assert_eq!(uploaded["status"], "PENDING");
    assert_eq!(uploaded["metadata"]["name"], "test.png");
    let content = server.curl_bare(&format!("/ipfs/{}", text(&uploaded["cid"])), &[]);
    assert_eq!(content.body, CONTENT);

    let by_cid = success(run("pin-by-cid", ""));
    assert_eq!(by_cid["cid"], CID);
    assert_eq!(by_cid["status"], "RETRIEVAL");
    assert_eq!(by_cid["metadata"]["name"], "name-ipfs-hash");

    let id = text(&uploaded["id"]);
    let shown = success(run("get", id));
    assert_eq!(
        (&shown["id"], &shown["pinned"]),
        (&uploaded["id"], &true.into())
    );
    let listed = success(run("list", ""));
    assert_eq!(listed["totals"]["files"], 1);
    assert_eq!(listed["pins"][0]["id"], uploaded["id"]);
    let unpinned = success(run("unpin", id));
    assert_eq!(
        (&unpinned["id"], &unpinned["pinned"]),
        (&uploaded["id"], &false.into())
    );
}

/// A folder that is kept between runs, created by `install` if it is incomplete.
fn installed(name: &str, install: impl FnOnce(&Path)) -> PathBuf {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let done = folder.join(".installed");
    if !done.exists() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        install(&folder);
        fs::write(&done, "").unwrap();
    }
    folder
}

fn must_succeed(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
}

#[test]
fn the_curl_samples_work() {
    check("sh", Path::new("sh"), &[]);
}

#[test]
fn the_node_samples_work() {
    let folder = installed("node-samples", |folder| {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
        fs::copy(samples.join("package.json"), folder.join("package.json")).unwrap();
        let arguments = [
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--silent",
        ];
        must_succeed(Command::new("npm").args(arguments).current_dir(folder));
    });
    check(
        "js",
        Path::new("node"),
        &[("NODE_PATH", &folder.join("node_modules"))],
    );
}

#[test]
fn the_python_samples_work() {
    let folder = installed("python-samples", |folder| {
        must_succeed(Command::new("python3").args(["-m", "venv"]).arg(folder));
        let pip = ["-m", "pip", "install", "--quiet", "requests==2.32.5"];
        must_succeed(Command::new(folder.join("bin/python")).args(pip));
    });
    check("py", &folder.join("bin/python"), &[]);
}
