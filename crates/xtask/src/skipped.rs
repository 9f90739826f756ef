//! Records the tests that a machine can't run, and reports them at the end.

use std::{fs, io::ErrorKind, path::PathBuf};

use crate::{Result, run::root};

/// Records that the tests of this task are skipped, and why.
pub(crate) fn note(task: &str, reason: &str) -> Result {
    fs::create_dir_all(folder())
        .and_then(|()| fs::write(folder().join(task), reason))
        .map_err(|cause| format!("{}: {cause}", folder().display()))?;
    warn(task, reason);
    Ok(())
}

/// Starts the task: discards the record of an earlier run.
pub(crate) fn forget(task: &str) -> Result {
    let note = folder().join(task);
    match fs::remove_file(&note) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(format!("{}: {cause}", note.display()))
        }
        _ => Ok(()),
    }
}

/// Returns the skipped tasks.
pub(crate) fn tasks() -> Vec<String> {
    let notes = fs::read_dir(folder()).into_iter().flatten().flatten();
    notes
        .map(|note| note.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Reports all skipped tasks at the end of the output.
pub(crate) fn tell() {
    for task in tasks() {
        let reason = fs::read_to_string(folder().join(&task)).unwrap_or_default();
        warn(&task, &reason);
    }
}

fn warn(task: &str, reason: &str) {
    let line = "!".repeat(78);
    eprintln!("\n{line}\nNOT TESTED: `cargo xtask {task}`\n{reason}\n{line}\n");
}

fn folder() -> PathBuf {
    root().join("target/skipped")
}
