//! `cargo xtask parity`

use crate::{Result, built, run::run as shell, skipped};

/// Checks that every surface has the whole API and ran every scenario.
pub(crate) fn run() -> Result {
    built::all()?;
    let program = built::programs().join("w3pin-parity");
    shell(&format!(
        "{} {}",
        program.display(),
        skipped::tasks().join(" ")
    ))
}
