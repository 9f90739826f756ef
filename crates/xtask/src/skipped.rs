//! What a machine can't test: noted where it is left out, and told when all else has been said.

use std::{fs, io::ErrorKind, path::PathBuf};

use crate::{Result, run::root};

/// Notes that what this task tests isn't tested here, and why.
pub(crate) fn note(task: &str, reason: &str) -> Result {
    fs::create_dir_all(folder())
        .and_then(|()| fs::write(folder().join(task), reason))
        .map_err(|cause| format!("{}: {cause}", folder().display()))?;
    warn(task, reason);
    Ok(())
}

/// The task begins: what an earlier run noted says nothing about this one.
pub(crate) fn forget(task: &str) -> Result {
    let note = folder().join(task);
    match fs::remove_file(&note) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(format!("{}: {cause}", note.display()))
        }
        _ => Ok(()),
    }
}

/// The tasks that were skipped.
pub(crate) fn tasks() -> Vec<String> {
    let notes = fs::read_dir(folder()).into_iter().flatten().flatten();
    notes
        .map(|note| note.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Says all that was noted where nobody overlooks it.
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
