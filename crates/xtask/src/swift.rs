//! `cargo xtask swift`

use std::process::Command;

use crate::{
    Result, built,
    run::{root, run as shell},
    skipped,
};

/// The exit code of `chroot.sh` if Swift isn't available.
const SKIPPED: i32 = 77;
const REASON: &str = "This machine can't run the Debian 13 that has Swift (root, debootstrap, mounts); what\n\
                      failed stands above. The parity of the Swift package isn't checked either.";

/// Builds and tests the Swift package, and uses it in the example, in a Debian with Swift.
pub(crate) fn run() -> Result {
    skipped::forget("swift")?;
    built::all()?;
    if !with_swift("swift --version")? {
        return skipped::note("swift", REASON);
    }
    shell("bindings/uniffi/swift/build-native.sh")?;
    for command in [
        "swift format lint --strict --configuration .swift-format --recursive Package.swift Sources/W3pin Tests ../../../examples/swift/Package.swift ../../../examples/swift/Sources",
        "./test.sh",
        "./example.sh",
    ] {
        if !with_swift(command)? {
            return Err(format!("`{command}` was skipped where others ran"));
        }
    }
    Ok(())
}

/// Runs a command in the package's folder; returns `false` if Swift isn't available.
pub(crate) fn with_swift(command: &str) -> Result<bool> {
    eprintln!("$ {command} (in the Debian with Swift)");
    let status = Command::new("bindings/uniffi/swift/chroot.sh")
        .args(command.split_whitespace())
        .current_dir(root())
        .status()
        .map_err(|cause| format!("chroot.sh can't be run: {cause}"))?;
    if status.code() == Some(SKIPPED) {
        Ok(false)
    } else if status.success() {
        Ok(true)
    } else {
        Err(format!("`{command}` failed: {status}"))
    }
}
