//! Builds for the workspace's tests.

use std::path::{Path, PathBuf};

use crate::{Result, run::root, run::run as shell};

/// Everything that is checked and tested. The generator of bindings, one line around uniffi's,
/// takes longer to check than all the rest.
pub(crate) const WORKSPACE: &str = "--workspace --exclude w3pin-bindgen";

/// Builds everything as the tests of the workspace do: a package that is built alone has its dependencies with other
/// features, which are built once more.
pub(crate) fn all() -> Result {
    shell(&format!("cargo build --quiet {WORKSPACE} --all-targets"))
}

/// The folder of the workspace's programs.
pub(crate) fn programs() -> PathBuf {
    root().join("target/debug")
}

/// Tells the tests of a language where the programs are, which else build them.
pub(crate) fn variable(programs: &Path) -> (&'static str, &Path) {
    ("W3PIN_PROGRAMS", programs)
}
