//! `cargo xtask test`

use crate::{Result, node, parity, python, run::run as shell};

/// All tests, and the parity of all faces.
pub(crate) fn run() -> Result {
    shell("cargo test --workspace --all-targets")?;
    shell("cargo test --workspace --doc")?;
    python::run()?;
    node::run()?;
    parity::run()
}
