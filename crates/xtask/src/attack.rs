//! `cargo xtask attack`

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    Result,
    run::{root, run as shell},
};

const REPORT: &str = "docs/attack.md";

const PREFACE: &str = "# Under attack

Measured by `cargo xtask attack`: a server in a separate process is attacked in one way after another, for
some seconds each, while another user keeps uploading, listing and reading. For scenarios about load, the server is the
`w3pin serve` that ships, with its default `--memory` of 256 MiB.

The attackers and the other user share the server's processors and its disk, over loopback. Real attackers have
processors of their own, so the attackers' threads run at the lowest priority and get what the server leaves; what the server does for them counts in full.
The last column says how many times as long the other user's calls took, by their 99th percentile; the goal is at most 3. It is based on a few
milliseconds and, if fewer than 100 calls were made during the attack, on few calls. The numbers of lost pins, wrong bytes and exposed keys must be 0: acknowledged contents
that aren't served anymore, served bytes that differ, and keys in the log.
";

const HEADING: &str = "| Scenario | Peak memory, MiB | Pins lost | Bytes wrong | Keys seen | Others' calls | p99 before, ms | p99 during, ms | Times |
|---|---|---|---|---|---|---|---|---|";

/// The attacks of the server's tests at their full length, one after the other, those by load on the
/// command as it ships. It prints a row of figures for each: peak memory, the 99th percentile of what
/// others' calls took, and what was lost. They are Markdown on the standard output; the rest isn't. A run of all of them
/// is written to `docs/attack.md`.
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
    let (mut said, mut table) = (Vec::new(), vec![HEADING.to_owned()]);
    show(HEADING);
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|cause| format!("the tests' output can't be read: {cause}"))?;
        match line.split_once("ATTACK ") {
            Some((_, figures)) => {
                let row = row(figures)?;
                show(&row);
                table.push(row);
            }
            None => said.push(line),
        }
    }
    let status = tests.wait();
    let status = status.map_err(|cause| format!("`{line}` can't be waited for: {cause}"))?;
    // An incomplete run has no result, and its table doesn't cover all attacks.
    let has_ended = said.iter().any(|line| line.starts_with("test result:"));
    if env::args().len() == 2 && has_ended {
        let report = format!("{PREFACE}\n{}\n", table.join("\n"));
        fs::write(root().join(REPORT), report).map_err(|cause| format!("{REPORT}: {cause}"))?;
    }
    if status.success() {
        return Ok(());
    }
    Err(format!("an attack succeeded:\n{}", said.join("\n")))
}

#[allow(clippy::print_stdout, reason = "the table is what was asked for")]
fn show(text: &str) {
    println!("{text}");
}

/// A scenario's figures as a row of the table; its other output goes to standard error.
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
    let milliseconds = |name: &str| figures[name].as_f64().unwrap_or_default();
    let [before, during] = ["p99_before_ms", "p99_during_ms"].map(milliseconds);
    Ok(format!(
        "| {} | {} | {} | {} | {} | {} | {before:.1} | {during:.1} | {:.1} |",
        text("scenario"),
        figures["peak_mib"],
        figures["lost"],
        figures["bytes_wrong"],
        figures["keys_seen"],
        figures["calls_during"],
        during / before,
    ))
}
