//! Runs other programs.

use std::{path::Path, process::Command, time::Instant};

use crate::Result;

/// The duration in seconds from which commands report it.
const NOTEWORTHY: u64 = 5;

/// Returns the workspace's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Runs `line`, words separated by spaces, in the workspace, and shows its output.
pub(crate) fn run(line: &str) -> Result {
    run_with(line, &[])
}

/// The same with environment variables, as names and values.
pub(crate) fn run_with(line: &str, variables: &[(&str, &Path)]) -> Result {
    let mut command = command(line);
    command.envs(variables.iter().copied());
    let told: String = variables
        .iter()
        .map(|(name, value)| format!("{name}={} ", value.display()))
        .collect();
    execute(&mut command, &format!("{told}{line}"))
}

/// Runs a command that is shown as `line`, and reports its duration if it is long.
pub(crate) fn execute(command: &mut Command, line: &str) -> Result {
    eprintln!("$ {line}");
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|cause| format!("`{line}` can't be run: {cause}"))?;
    let took = start.elapsed().as_secs();
    if took >= NOTEWORTHY {
        eprintln!("{took} s: {line}");
    }
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` failed: {status}"))
    }
}

/// Returns the output of `line`.
pub(crate) fn read(line: &str) -> Result<String> {
    let output = command(line)
        .output()
        .map_err(|cause| format!("`{line}` can't be run: {cause}"))?;
    if !output.status.success() {
        return Err(format!(
            "`{line}` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{line}` prints no text"))
}

/// Returns whether a program is available.
pub(crate) fn has(line: &str) -> bool {
    command(line)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(root());
    command
}
