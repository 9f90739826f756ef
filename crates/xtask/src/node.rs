//! `cargo xtask node`

use crate::{Result, run::run as shell};

/// The npm package: built, checked, tested, and installed from its tarballs.
const STEPS: [&str; 7] = [
    "ci --ignore-scripts",
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
