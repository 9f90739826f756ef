#!/bin/sh
# Builds the native library and its Kotlin bindings: build-native.sh BINDINGS LIBRARIES
#
# W3PIN_CARGO_PROFILE is the profile to build with: mobile, which is shipped, or dev for development.
# In a release nothing is built: W3PIN_LIBRARY is the library that the bindings are generated from, with symbols, and W3PIN_NATIVES
# a folder with the libraries of all platforms, in folders with JNA's names of platforms.
set -eu
bindings=$1 libraries=$2
cd "$(dirname "$0")/../../../.."
profile=${W3PIN_CARGO_PROFILE:-mobile}
case $profile in dev) folder=debug ;; *) folder=$profile ;; esac
target=${CARGO_TARGET_DIR:-target}

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x86-64 library=libw3pin_uniffi.so strip=strip ;;
    Linux-aarch64) platform=linux-aarch64 library=libw3pin_uniffi.so strip=strip ;;
    Darwin-x86_64) platform=darwin-x86-64 library=libw3pin_uniffi.dylib strip='strip -x' ;;
    Darwin-arm64) platform=darwin-aarch64 library=libw3pin_uniffi.dylib strip='strip -x' ;;
    *) echo "no library is built for $(uname -s) on $(uname -m)" >&2; exit 1 ;;
esac

[ -n "${W3PIN_LIBRARY:-}" ] || cargo build --quiet -p w3pin-uniffi --lib --profile "$profile"
cargo run --quiet -p w3pin-bindgen -- generate --language kotlin --no-format --out-dir "$bindings" \
    "${W3PIN_LIBRARY:-$target/$folder/$library}"

# The generated code is internal: the API is `src/main/kotlin`.
sed -i.public -E \
    -e 's/^ ?(public )?((abstract |open |sealed |data |enum |inline |suspend )*(class|interface|object|fun|val|typealias)[ <])/internal \2/' \
    -e 's/^( +\*\/) fun /\1 internal fun /' \
    -e 's/^( +@Throws\(Failure::class\)) fun /\1 internal fun /' \
    -e 's/^     suspend fun /     internal suspend fun /' \
    "$bindings/w3pin/ffi/w3pin_uniffi.kt"
rm "$bindings/w3pin/ffi/w3pin_uniffi.kt.public"

if [ -n "${W3PIN_NATIVES:-}" ]; then
    mkdir -p "$libraries"
    cp -R "$W3PIN_NATIVES/." "$libraries"
    exit
fi
# JNA looks for libraries below a folder named after the platform.
mkdir -p "$libraries/$platform"
cp "$target/$folder/$library" "$libraries/$platform/$library"
[ "$profile" = dev ] || $strip "$libraries/$platform/$library"
