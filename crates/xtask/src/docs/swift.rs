//! The reference of the Swift package.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    Result,
    run::{root, run_with},
    skipped,
    swift::with_swift,
};

const TASK: &str = "docs --api";
const REASON: &str = "This machine can't run the Debian 13 that has Swift (root, debootstrap, mounts); what\n\
                      failed stands above. Swift's reference isn't built.";

/// Builds the reference with DocC, and fails for public symbols without documentation.
pub(super) fn build() -> Result {
    skipped::forget(TASK)?;
    if !with_swift("swift --version")? {
        return skipped::note(TASK, REASON);
    }
    // Only its declarations matter, so the fast profile suffices.
    run_with(
        "bindings/uniffi/swift/build-native.sh",
        &[("W3PIN_CARGO_PROFILE", Path::new("dev"))],
    )?;
    with_swift("./document.sh")?;
    check_coverage()
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

/// The path of a symbol, such as `Pin.cid`.
fn name(symbol: &Value) -> String {
    let components = symbol["pathComponents"].as_array();
    let components = components.into_iter().flatten().filter_map(Value::as_str);
    components.collect::<Vec<_>>().join(".")
}
