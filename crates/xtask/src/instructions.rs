//! `cargo xtask instructions`

use std::path::Path;

use crate::{
    Result, cache,
    run::{has, read, run_with},
    skipped,
};

/// The compiler used for the counts: others generate different code from the same source.
const COMPILER: &str = "rustc 1.95.";

/// Checks the instruction counts of common operations against the limits in
/// `crates/bench/benches/instructions.rs`. Valgrind counts them, so that a slower operation is noticed on any
/// machine.
pub(crate) fn run() -> Result {
    let compiler = read("rustc --version")?;
    if !compiler.starts_with(COMPILER) {
        let reason = format!(
            "The limits hold for {COMPILER}x; this is {}.",
            compiler.trim()
        );
        return skipped::note("instructions", &reason);
    }
    if !has("valgrind --version") {
        return skipped::note("instructions", "It needs valgrind.");
    }
    skipped::forget("instructions")?;
    let runner = cache::installed("gungraun-runner", &version()?, "gungraun-runner")?;
    run_with(
        "cargo bench --quiet -p w3pin-bench --bench instructions",
        &[
            ("GUNGRAUN_RUNNER", &runner),
            // CI builds other packages with fewer optimizations, to save time.
            ("CARGO_PROFILE_BENCH_OPT_LEVEL", Path::new("3")),
        ],
    )
}

/// The version of the library, which the runner must match.
fn version() -> Result<String> {
    let id = read("cargo pkgid gungraun")?;
    let version = id
        .trim()
        .rsplit_once('@')
        .map(|(_, version)| version.to_owned());
    version.ok_or_else(|| format!("{id} has no version"))
}
