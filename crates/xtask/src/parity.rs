//! `cargo xtask parity`

use crate::{Result, built, run::run as shell, skipped};

/// Every surface has the whole surface and ran every scenario.
pub(crate) fn run() -> Result {
    built::all()?;
    let program = built::programs().join("w3pin-parity");
    shell(&format!(
        "{} {}",
        program.display(),
        skipped::tasks().join(" ")
    ))
}
