//! The reference of the Swift package.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::{
    Result,
    run::{root, run as shell, run_with},
    skipped,
    swift::with_swift,
};

const TASK: &str = "docs --api";
const REASON: &str = "This machine has no Swift with DocC, and can't run the Debian 13 that has it (root, debootstrap,\n\
                      mounts); the error is above. Swift's reference isn't built.";

/// Builds the reference with DocC, from this machine or else in a Debian with Swift, and fails for public
/// symbols without documentation.
pub(super) fn build() -> Result {
    skipped::forget(TASK)?;
    let is_here = has_docc();
    if !is_here && !with_swift("swift --version")? {
        return skipped::note(TASK, REASON);
    }
    // Only its declarations matter, so the fast profile suffices.
    run_with(
        "bindings/uniffi/swift/build-native.sh",
        &[("W3PIN_CARGO_PROFILE", Path::new("dev"))],
    )?;
    if is_here {
        shell("bindings/uniffi/swift/document.sh")?;
    } else {
        with_swift("./document.sh")?;
    }
    check_coverage()
}

/// Returns whether this machine has a Swift that includes DocC.
fn has_docc() -> bool {
    let script =
        r#"test -x "$(dirname "$(readlink -f "$(command -v swift || echo /none)")")/docc""#;
    Command::new("sh")
        .args(["-c", script])
        .status()
        .is_ok_and(|status| status.success())
}

fn check_coverage() -> Result {
    let path = root().join("target/swift/W3pin.symbols.json");
    let failed = |cause: &dyn std::fmt::Display| format!("{}: {cause}", path.display());
    let text = fs::read(&path).map_err(|cause| failed(&cause))?;
    let graph: Value = serde_json::from_slice(&text).map_err(|cause| failed(&cause))?;
    let symbols = graph["symbols"].as_array().map_or(&[][..], Vec::as_slice);
    let undocumented: Vec<String> = symbols
        .iter()
        .filter(|symbol| symbol["docComment"].is_null())
        .map(name)
        .collect();
    eprintln!(
        "DocC: {} of {} public symbols are documented",
        symbols.len() - undocumented.len(),
        symbols.len()
    );
    if symbols.is_empty() || !undocumented.is_empty() {
        return Err(format!("not documented: {}", undocumented.join(", ")));
    }
    Ok(())
}

/// Returns the path of a symbol, such as `Pin.cid`.
fn name(symbol: &Value) -> String {
    let components = symbol["pathComponents"].as_array();
    let components = components.into_iter().flatten().filter_map(Value::as_str);
    components.collect::<Vec<_>>().join(".")
}
