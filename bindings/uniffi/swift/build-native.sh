#!/bin/bash
# Builds the Rust library for this machine, and the Swift code that calls it.
#
# W3PIN_CARGO_PROFILE is the profile to build with: mobile, which is shipped, or dev for development. W3PIN_LIBRARY is a library that
# is used instead of building one.
set -euo pipefail
cd "$(dirname "$0")"
profile=${W3PIN_CARGO_PROFILE:-mobile}
case $profile in dev) folder=debug ;; *) folder=$profile ;; esac
target=${CARGO_TARGET_DIR:-../../../target}

library=${W3PIN_LIBRARY:-$target/$folder/libw3pin_uniffi.a}
[ -n "${W3PIN_LIBRARY:-}" ] || cargo build --quiet -p w3pin-uniffi --lib --profile "$profile"
cargo run --quiet -p w3pin-bindgen -- generate --language swift --no-format --out-dir native/generated "$library"
mkdir -p Sources/W3pinFFI
install -m 644 native/generated/CW3pin.h Sources/CW3pin/include/
install -m 644 native/generated/W3pinFFI.swift Sources/W3pinFFI/

# Apple's platforms use an XCFramework instead.
[ "$(uname -s)" = Linux ] || exit 0
platform=native/linux-$(uname -m)
mkdir -p "$platform"
install -m 644 "$library" "$platform/"
