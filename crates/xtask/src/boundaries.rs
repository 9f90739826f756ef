//! `cargo xtask boundaries`

use std::collections::BTreeSet;

use crate::{Result, run::read};

/// What a crate must not depend on, directly or indirectly.
const BANS: [(&str, &[&str]); 12] = [
    (
        "w3pin-core",
        &[
            "tokio",
            "hyper",
            "hyper-util",
            "futures-util",
            "rand",
            "getrandom",
            "socket2",
        ],
    ),
    (
        "w3pin-sha256",
        &["tokio", "getrandom", "w3pin-core", "w3pin-unixfs"],
    ),
    (
        "w3pin-unixfs",
        &[
            "tokio",
            "hyper",
            "hyper-util",
            "getrandom",
            "rayon",
            "w3pin-core",
        ],
    ),
    (
        "w3pin-car",
        &[
            "tokio",
            "hyper",
            "hyper-util",
            "getrandom",
            "rayon",
            "w3pin-core",
        ],
    ),
    ("w3pin-dag", &["tokio", "hyper", "hyper-util", "rayon"]),
    (
        "w3pin",
        &[
            "w3pin-server",
            "w3pin-cli",
            "axum",
            "pyo3",
            "napi",
            "uniffi",
            "aws-lc-sys",
            "openssl",
        ],
    ),
    (
        "w3pin-server",
        &["w3pin", "rustls", "pyo3", "napi", "uniffi"],
    ),
    (
        "w3pin-cli",
        &["pyo3", "napi", "uniffi", "aws-lc-sys", "openssl"],
    ),
    ("w3pin-contract", &["pyo3", "napi", "uniffi"]),
    (
        "w3pin-node",
        &["pyo3", "uniffi", "aws-lc-sys", "openssl", "w3pin-contract"],
    ),
    (
        "w3pin-python",
        &["napi", "uniffi", "aws-lc-sys", "openssl", "w3pin-contract"],
    ),
    (
        "w3pin-uniffi",
        &[
            "pyo3",
            "napi",
            "aws-lc-sys",
            "openssl",
            "w3pin-cli",
            "w3pin-server",
            "w3pin-contract",
        ],
    ),
];

/// Checks that no crate depends on what it must not.
pub(crate) fn run() -> Result {
    let mut problems = Vec::new();
    for (package, bans) in BANS {
        let tree = read(&format!(
            "cargo tree --package {package} --edges normal --prefix none --format {{p}} --locked"
        ))?;
        let below: BTreeSet<&str> = tree
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        for ban in bans.iter().filter(|ban| below.contains(**ban)) {
            let path = read(&format!(
                "cargo tree --package {package} --edges normal --invert {ban} --locked"
            ))?;
            problems.push(format!("{package} must not use {ban}, but does:\n{path}"));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
