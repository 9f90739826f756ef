//! `cargo xtask swift`

use std::{fs, path::PathBuf, process::Command};

use crate::{
    Result,
    run::{root, run as shell},
};

/// How `chroot.sh` ends where there can be no Swift.
const SKIPPED: i32 = 77;

/// The Swift package: built, tested, and used by the example, in a Debian that has Swift.
pub(crate) fn run() -> Result {
    if is_skipped() {
        fs::remove_file(note()).map_err(|cause| format!("{}: {cause}", note().display()))?;
    }
    // As the tests run them, so that neither is built twice.
    shell("cargo build --package w3pin-cli --bin w3pin")?;
    shell("cargo build --package w3pin-contract --bin w3pin-scenarios")?;
    if !with_swift("swift --version")? {
        return note_skipped();
    }
    shell("bindings/uniffi/swift/build-native.sh")?;
    for command in [
        "swift format lint --strict --recursive Package.swift Sources/W3pin Tests example/Package.swift example/Sources",
        "./test.sh",
        "./example.sh",
    ] {
        if !with_swift(command)? {
            return Err(format!("`{command}` was skipped where others ran"));
        }
    }
    Ok(())
}

/// Runs a command in the package's folder; false where there can be no Swift here.
fn with_swift(command: &str) -> Result<bool> {
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

fn note_skipped() -> Result {
    let note = note();
    fs::create_dir_all(root().join("target/parity"))
        .and_then(|()| fs::write(&note, ""))
        .map_err(|cause| format!("{}: {cause}", note.display()))?;
    warn_if_skipped();
    Ok(())
}

/// Where it is noted that this machine can't run Swift, for the parity check.
fn note() -> PathBuf {
    root().join("target/parity/swift.skipped")
}

/// Whether the last run had no Swift.
pub(crate) fn is_skipped() -> bool {
    note().exists()
}

/// Says so where nobody overlooks it.
pub(crate) fn warn_if_skipped() {
    if is_skipped() {
        eprintln!(
            "\n\
             !!! SWIFT WAS SKIPPED !!!\n\
             The Swift package was neither built nor tested, and its parity wasn't checked:\n\
             this machine can't run the Debian 13 that has Swift (root, debootstrap, mounts).\n\
             Run `cargo xtask swift` where it can; what failed here stands above.\n"
        );
    }
}
