//! Runs tasks concurrently.

use std::{
    io::{self, BufRead, BufReader, PipeReader},
    process::{Command, Stdio},
    thread,
};

use crate::{Result, run::root};

/// Runs the lanes concurrently, since tests wait more than they compute, and the tasks of each lane
/// one after the other. Every output line starts with the task's name. A failure ends only its own
/// lane, so that one run shows all failures.
pub(crate) fn run(lanes: &[&[&str]]) -> Result {
    let failures: Vec<String> = thread::scope(|scope| {
        let lanes: Vec<_> = lanes
            .iter()
            .map(|lane| scope.spawn(|| lane.iter().try_for_each(|task| run_task(task))))
            .collect();
        lanes
            .into_iter()
            .filter_map(|lane| match lane.join() {
                Ok(result) => result.err(),
                Err(_) => Some("a lane panicked".to_owned()),
            })
            .collect()
    });
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; "))
    }
}

/// Runs a task in a separate process.
fn run_task(task: &str) -> Result {
    let failed = |cause: io::Error| format!("{task} can't be run: {cause}");
    let (output, input) = io::pipe().map_err(failed)?;
    // Not this program, which the workspace's build replaces.
    let mut command = Command::new("cargo");
    command
        .args(["xtask", task])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(input.try_clone().map_err(failed)?)
        .stderr(input);
    let mut process = command.spawn().map_err(failed)?;
    // Dropping it closes its ends of the pipe, so that the output ends with the task.
    drop(command);
    show(task, output).map_err(failed)?;
    let status = process.wait().map_err(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{task} failed"))
    }
}

fn show(task: &str, output: PipeReader) -> io::Result<()> {
    for line in BufReader::new(output).split(b'\n') {
        eprintln!("{task:<6} | {}", String::from_utf8_lossy(&line?));
    }
    Ok(())
}
