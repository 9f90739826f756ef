//! Runs curl and parses its output.

use std::{
    fs, io,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

#[path = "without_curl.rs"]
mod without_curl;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The data of a successful response.
    pub(crate) fn data(&self) -> Value {
        let mut json = self.json();
        assert_eq!(json["status"], "success", "{json}");
        json["data"].take()
    }

    /// The message of an error with this status in the documented envelope.
    pub(crate) fn message(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let json = self.json();
        assert_eq!(
            json["status"],
            if status < 500 { "fail" } else { "error" },
            "{json}"
        );
        text(&json["message"]).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

pub(crate) fn curl(url: &str, arguments: &[&str]) -> Reply {
    let folder = TempDir::new().unwrap();
    let (head, body) = (folder.path().join("head"), folder.path().join("body"));
    let ran = Command::new("curl")
        .args([
            "-sS",
            "--max-time",
            "300",
            "--path-as-is",
            "-w",
            "%{http_code}",
            "-D",
        ])
        .arg(&head)
        .arg("-o")
        .arg(&body)
        .args(arguments)
        .arg(url)
        .output();
    let output = match ran {
        // curl is a client that wasn't written for this server.
        Err(cause) if cfg!(windows) && cause.kind() == io::ErrorKind::NotFound => {
            return without_curl::ask(url, arguments);
        }
        ran => ran.expect("curl is installed"),
    };
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "curl failed for {url}: {complaint}"
    );
    let status = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    let headers = fs::read_to_string(head).unwrap();
    Reply {
        status,
        headers,
        body: fs::read(body).unwrap_or_default(),
    }
}

/// The string in a JSON value.
pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} isn't a string"))
}

/// Panics if a condition isn't met within a generous time.
pub(crate) fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_true() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
