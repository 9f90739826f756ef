//! `cargo xtask test`

use std::{fs, io::ErrorKind};

use crate::{
    Result,
    built::WORKSPACE,
    kotlin, kubo, node, parity, python,
    run::{root, run as shell},
    skipped, swift,
};

/// All tests, and the parity of all surfaces.
pub(crate) fn run() -> Result {
    // What an earlier run wrote down says nothing about this one.
    match fs::remove_dir_all(root().join("target/parity")) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            return Err(format!("target/parity can't be removed: {cause}"));
        }
        _ => {}
    }
    shell(&format!("cargo test {WORKSPACE} --all-targets"))?;
    shell(&format!("cargo test {WORKSPACE} --doc"))?;
    python::run()?;
    node::run()?;
    kotlin::run()?;
    swift::run()?;
    parity::run()?;
    kubo::run_if_built()?;
    skipped::tell();
    Ok(())
}
