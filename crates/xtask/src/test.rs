//! `cargo xtask test`

use std::{fs, io::ErrorKind};

use crate::{Result, built, kubo, lanes, parity, run::root, rust, skipped};

/// The other languages, grouped by duration: Python's tests take as long as those of three others.
const LANES: [&[&str]; 2] = [&["python"], &["node", "kotlin", "swift"]];

/// Runs all tests, and checks the parity of all surfaces.
pub(crate) fn run() -> Result {
    // Discards the reports of an earlier run.
    match fs::remove_dir_all(root().join("target/parity")) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            return Err(format!("target/parity can't be removed: {cause}"));
        }
        _ => {}
    }
    // Its attacks use the whole machine, and their effect on other users is measured.
    rust::run()?;
    built::all()?;
    lanes::run(&LANES)?;
    parity::run()?;
    kubo::run_if_built()?;
    skipped::tell();
    Ok(())
}
