//! `cargo xtask attack`

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    Result,
    run::{root, run as shell},
};

const HEADING: &str = "| Scenario | Peak memory | Others' calls, 99th percentile: before → during | Pins lost | Bytes wrong | Keys seen |
|---|---|---|---|---|---|";

/// The attacks of the server's tests at their full length, one after the other, those by load on the
/// command as it ships. It prints a row of figures for each: peak memory, the 99th percentile of what
/// others' calls took, and what was lost. They are Markdown on the standard output; the rest isn't.
///
/// It isn't part of `ci`, which runs a short form of each. Words behind the task's name choose scenarios, as
/// `fairness::`.
pub(crate) fn run() -> Result {
    shell("cargo build --release -p w3pin-cli")?;
    let target = env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    let w3pin = target.join("release").join("w3pin");
    let line = "cargo test --release -p w3pin-server --test attack -- --nocapture --test-threads=1";
    eprintln!("$ W3PIN_TEST_ATTACK=long {line}");
    let mut words = line.split(' ');
    let mut tests = Command::new(words.next().unwrap_or_default())
        .args(words)
        .args(env::args().skip(2))
        .current_dir(root())
        .env("W3PIN_TEST_ATTACK", "long")
        .env("W3PIN_TEST_COMMAND", w3pin)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|cause| format!("`{line}` can't be run: {cause}"))?;
    let output = tests.stdout.take().ok_or("the tests have no output")?;
    let mut said = Vec::new();
    show(HEADING);
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|cause| format!("the tests' output can't be read: {cause}"))?;
        match line.split_once("ATTACK ") {
            Some((_, figures)) => show(&row(figures)?),
            None => said.push(line),
        }
    }
    let status = tests.wait();
    let status = status.map_err(|cause| format!("`{line}` can't be waited for: {cause}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("an attack succeeded:\n{}", said.join("\n")))
}

#[allow(clippy::print_stdout, reason = "the table is what was asked for")]
fn show(text: &str) {
    println!("{text}");
}

/// A scenario's figures as a row of the table; whatever else it has to say goes to the standard error.
fn row(figures: &str) -> Result<String> {
    let figures: Value = serde_json::from_str(figures)
        .map_err(|cause| format!("the figures of an attack can't be read: {cause}"))?;
    let text = |name: &str| figures[name].as_str().unwrap_or_default();
    let notes = figures["notes"].as_array().into_iter().flatten();
    let notes: Vec<_> = notes.filter_map(Value::as_str).collect();
    eprintln!(
        "{}: {} s, {} calls of others in it, {} contents; {}",
        text("scenario"),
        figures["seconds"],
        figures["calls_during"],
        figures["contents"],
        notes.join("; ")
    );
    Ok(format!(
        "| {} | {} MiB | {} → {} ms | {} | {} | {} |",
        text("scenario"),
        figures["peak_mib"],
        figures["p99_before_ms"],
        figures["p99_during_ms"],
        figures["lost"],
        figures["bytes_wrong"],
        figures["keys_seen"]
    ))
}
