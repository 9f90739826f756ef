//! `cargo xtask node`

use crate::{Result, run::run as shell};

/// The npm package: built, checked, tested, and tested again as it is published.
const STEPS: [&str; 8] = [
    // Not `ci`, which asks the lock file for packages of platforms that some registries lack.
    "install --ignore-scripts --no-save",
    "run build:native",
    "run build",
    "run check",
    "test",
    "run pack",
    "run test:installed",
    "run runtimes",
];

pub(crate) fn run() -> Result {
    STEPS
        .iter()
        .try_for_each(|step| shell(&format!("npm --prefix node {step}")))
}
