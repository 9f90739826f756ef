//! `cargo xtask test`

use std::{fs, io::ErrorKind};

use crate::{
    Result, kubo, node, parity, python,
    run::{root, run as shell},
};

/// All tests, and the parity of all faces.
pub(crate) fn run() -> Result {
    if let Some(skipped) = all()? {
        tell(&skipped);
    }
    Ok(())
}

/// The same; gives what couldn't be tested here, to be told when all else has been said.
pub(crate) fn all() -> Result<Option<String>> {
    // What an earlier run wrote down says nothing about this one.
    match fs::remove_dir_all(root().join("target/parity")) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            return Err(format!("target/parity can't be removed: {cause}"));
        }
        _ => {}
    }
    shell("cargo test --workspace --all-targets")?;
    shell("cargo test --workspace --doc")?;
    python::run()?;
    node::run()?;
    parity::run()?;
    kubo::run_if_possible()
}

/// Says, so that nobody overlooks it, what was left out.
pub(crate) fn tell(skipped: &str) {
    let line = "!".repeat(78);
    eprintln!("\n{line}\nNOT TESTED: the server over Kubo and IPFS Cluster.\n{skipped}\n{line}");
}
