//! The real server under attack, and the figures of it.

use crate::{
    Result,
    run::{root, run, run_with},
};

/// All attacks; a few seconds each with `--short`.
pub(crate) fn run_all() -> Result {
    let mut arguments = std::env::args().skip(2);
    let is_short = match (arguments.next().as_deref(), arguments.next()) {
        (None, None) => false,
        (Some("--short"), None) => true,
        _ => return Err("cargo xtask attack [--short]".to_owned()),
    };
    run("cargo build --release --package w3pin-cli")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let command = target.join("release/w3pin");
    let mut variables = vec![("W3PIN_ATTACK_COMMAND", command.as_path())];
    if is_short {
        variables.push(("W3PIN_ATTACK_SHORT", "1".as_ref()));
    }
    run_with(
        "cargo test --release --package w3pin-server --test attack -- --ignored --nocapture --test-threads=1",
        &variables,
    )
}
