//! Builds everything that the tests of the workspace need.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::{Result, run::root, run::run as shell};

/// All packages to check and test. The generator of bindings, a one-line wrapper of uniffi's, takes longer to
/// check than all the rest.
pub(crate) const WORKSPACE: &str = "--workspace --exclude w3pin-bindgen";

/// Builds everything with the options of the workspace's tests: a package that is built alone has its
/// dependencies with other features, which are then built again.
pub(crate) fn all() -> Result {
    shell(&format!("cargo build --quiet {WORKSPACE} --all-targets"))
}

/// Builds the command, unless it is there already.
pub(crate) fn command() -> Result {
    if programs().join("w3pin").exists() {
        return Ok(());
    }
    shell("cargo build --quiet -p w3pin-cli")
}

/// Returns the folder that cargo builds into.
pub(crate) fn folder() -> PathBuf {
    let chosen = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(chosen)
}

/// Returns the folder of the workspace's programs.
pub(crate) fn programs() -> PathBuf {
    folder().join("debug")
}

/// Returns the variable that tells the tests of a language where the programs are; without it they build
/// them.
pub(crate) fn variable(programs: &Path) -> (&'static str, &Path) {
    ("W3PIN_PROGRAMS", programs)
}
