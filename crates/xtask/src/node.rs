//! `cargo xtask node`

use crate::{Result, run::run as shell};

/// The npm package: built, checked, tested, and installed from its tarballs.
const STEPS: [&str; 7] = [
    // Not `ci`, which asks the lock file for packages of platforms that some registries lack.
    "install --ignore-scripts --no-save",
    "run build:native",
    "run build",
    "run check",
    "test",
    "run pack",
    "run runtimes",
];

pub(crate) fn run() -> Result {
    STEPS
        .iter()
        .try_for_each(|step| shell(&format!("npm --prefix node {step}")))
}
