//! `cargo xtask node`

use crate::{Result, built, run::run_with};

/// The npm package: built, checked, tested, and tested again as it is published.
const STEPS: [&str; 8] = [
    // Not `ci`, which asks the lock file for packages of platforms that some registries lack.
    "install --ignore-scripts --no-save",
    "run link:native",
    "run build",
    "run check",
    "test",
    "run pack",
    "run test:installed",
    "run runtimes",
];

pub(crate) fn run() -> Result {
    built::all()?;
    let programs = built::programs();
    STEPS.iter().try_for_each(|step| {
        let line = format!("npm --prefix node {step}");
        run_with(&line, &[built::variable(&programs)])
    })
}
