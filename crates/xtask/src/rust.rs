//! `cargo xtask rust`

use crate::{Result, built::WORKSPACE, run::run as shell};

/// The tests of the workspace.
pub(crate) fn run() -> Result {
    shell(&format!("cargo test {WORKSPACE} --all-targets"))?;
    shell(&format!("cargo test {WORKSPACE} --doc"))
}
