//! What `cargo test --workspace` builds.

use std::path::{Path, PathBuf};

use crate::{Result, run::root, run::run as shell};

/// Builds everything as the tests of the workspace do: a package that is built alone has its dependencies with other
/// features, which are built once more.
pub(crate) fn all() -> Result {
    shell("cargo build --quiet --workspace --all-targets")
}

/// The folder of the workspace's programs.
pub(crate) fn programs() -> PathBuf {
    root().join("target/debug")
}

/// Tells the tests of a language where the programs are, which else build them.
pub(crate) fn variable(programs: &Path) -> (&'static str, &Path) {
    ("W3PIN_PROGRAMS", programs)
}
