//! `cargo xtask attack`

use std::{env, path::PathBuf, process::Command};

use crate::{
    Result,
    run::{root, run as shell},
};

/// The attacks of the server's tests at their full length, one after the other, those by load on the
/// command as it ships. Each has its figures: peak memory, the 99th percentile of what others' calls took,
/// and what was lost.
///
/// It isn't part of `ci`, which runs a short form of each.
pub(crate) fn run() -> Result {
    shell("cargo build --release -p w3pin-cli")?;
    let target = env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    let w3pin = target.join("release").join("w3pin");
    let line = "cargo test --release -p w3pin-server --test attack -- --nocapture --test-threads=1";
    eprintln!("$ W3PIN_TEST_ATTACK=long {line}");
    let mut words = line.split(' ');
    let output = Command::new(words.next().unwrap_or_default())
        .args(words)
        .current_dir(root())
        .env("W3PIN_TEST_ATTACK", "long")
        .env("W3PIN_TEST_COMMAND", w3pin)
        .output()
        .map_err(|cause| format!("`{line}` can't be run: {cause}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    for figures in said.lines().filter_map(|line| line.split_once("ATTACK ")) {
        eprintln!("{}", figures.1);
    }
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("an attack succeeded:\n{said}\n{complaint}"))
}
