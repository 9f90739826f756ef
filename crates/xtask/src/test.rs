//! `cargo xtask test`

use std::{fs, io::ErrorKind};

use crate::{Result, built, kubo, lanes, parity, run::root, rust, skipped};

/// The other languages, by what they take: Python's tests alone wait as long as those of three others.
const LANES: [&[&str]; 2] = [&["python"], &["node", "kotlin", "swift"]];

/// All tests, and the parity of all surfaces.
pub(crate) fn run() -> Result {
    // What an earlier run wrote down says nothing about this one.
    match fs::remove_dir_all(root().join("target/parity")) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            return Err(format!("target/parity can't be removed: {cause}"));
        }
        _ => {}
    }
    // Its attacks fill the machine, and what others notice of them is a result.
    rust::run()?;
    built::all()?;
    lanes::run(&LANES)?;
    parity::run()?;
    kubo::run_if_built()?;
    skipped::tell();
    Ok(())
}
