#!/bin/sh
# Builds target/w3pin.aar: build-aar.sh [ABI...]
#
# It needs the NDK (ANDROID_NDK_HOME), cargo-ndk 4, the Rust targets of the ABIs, and the jar built by `mvn verify`.
# Untested: no machine of the project has an NDK.
set -eu
[ $# -gt 0 ] || set -- arm64-v8a armeabi-v7a x86_64
here=$(cd "$(dirname "$0")" && pwd)
kotlin=$(dirname "$here")
jar=$(ls "$kotlin"/library/target/w3pin-*.jar | grep -v -e -sources -e -javadoc)
aar=$kotlin/target/aar
: "${ANDROID_NDK_HOME:?is where the NDK is}"

rm -rf "$aar"
mkdir -p "$aar/jni" "$aar/classes"
targets=
for abi in "$@"; do targets="$targets -t $abi"; done

# Pages of 16 KiB, as required by Android 15.
cd "$kotlin/../../.."
# shellcheck disable=SC2086 # These are words.
RUSTFLAGS="-C link-arg=-Wl,-z,max-page-size=16384" \
    cargo ndk $targets --platform 26 --output-dir "$aar/jni" build -p w3pin-uniffi --lib --profile mobile
"$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin/llvm-strip "$aar"/jni/*/libw3pin_uniffi.so

for abi in "$@"; do
    "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin/llvm-readelf -lW "$aar/jni/$abi/libw3pin_uniffi.so" |
        awk '$1 == "LOAD" { seen = 1; if ($NF != "0x4000") small = 1 } END { exit small || !seen }' || { echo "the library for $abi has pages of less than 16 KiB" >&2; exit 1; }
done

# The classes without this machine's library.
(cd "$aar/classes" && jar xf "$jar" && rm -rf linux-* darwin-* win32-*)
jar cf "$aar/classes.jar" -C "$aar/classes" .
rm -r "$aar/classes"
cp "$here/AndroidManifest.xml" "$here/proguard.txt" "$aar"
: > "$aar/R.txt"
jar cMf "$kotlin/target/w3pin.aar" -C "$aar" .
ls -l "$kotlin/target/w3pin.aar"
