//! Platforms without freely downloadable SDKs: the compiler checks the code, and nothing is linked or run.

use super::{Debian, Outcome};
use crate::Result;

/// The packages that are shipped there.
const DESKTOP: &str = "-p w3pin -p w3pin-cli -p w3pin-server -p w3pin-python -p w3pin-node";
const PHONE: &str = "-p w3pin -p w3pin-uniffi";

pub(crate) fn macos_arm64(debian: &Debian, outcome: &mut Outcome) -> Result {
    check(
        debian,
        outcome,
        "aarch64-apple-darwin",
        "aarch64-macos",
        DESKTOP,
    )
}

pub(crate) fn macos_x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    check(
        debian,
        outcome,
        "x86_64-apple-darwin",
        "x86_64-macos",
        DESKTOP,
    )
}

/// The C sources of its TLS library use the headers of musl instead of Android's.
pub(crate) fn android(debian: &Debian, outcome: &mut Outcome) -> Result {
    check(
        debian,
        outcome,
        "aarch64-linux-android",
        "aarch64-linux-musl",
        PHONE,
    )
}

/// The C sources of its TLS library use the headers of macOS instead of iOS's.
pub(crate) fn ios(debian: &Debian, outcome: &mut Outcome) -> Result {
    check(debian, outcome, "aarch64-apple-ios", "aarch64-macos", PHONE)
}

/// Checks packages for a target triple, with zig as the C compiler under its own name of the platform.
fn check(
    debian: &Debian,
    outcome: &mut Outcome,
    triple: &str,
    zig: &str,
    packages: &str,
) -> Result {
    let variable = triple.replace('-', "_");
    debian.run(&format!(
        r#"cat >/tmp/cc <<'END'
#!/bin/bash
# What would choose the platform by another compiler's name, or an SDK, is left out.
kept=()
while [ $# -gt 0 ]; do
    case $1 in
    --target=* | -mmacosx-version-min=* | -miphoneos-version-min=*) ;;
    -target | -arch | -isysroot) shift ;;
    *) kept+=("$1") ;;
    esac
    shift
done
exec python3 -m ziglang cc -target {zig} "${{kept[@]}}"
END
        chmod +x /tmp/cc
        printf '#!/bin/sh\nexec python3 -m ziglang ar "$@"\n' >/tmp/ar
        chmod +x /tmp/ar
        export CC_{variable}=/tmp/cc AR_{variable}=/tmp/ar CFLAGS_{variable}=-w SDKROOT=/
        export PYO3_CROSS_PYTHON_VERSION=3.10
        cargo check -Zbuild-std --quiet --target {triple} {packages}"#
    ))?;
    outcome.built.push("checked".to_owned());
    outcome.unproved = "everything else: it is linked and run only in public CI";
    Ok(())
}
