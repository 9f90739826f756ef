#!/bin/bash
# Builds the XCFramework of a release, on macOS with Xcode, and prints its checksum.
#
# Publish native/W3pin.xcframework.zip, and pass its URL and the checksum to package-repository.sh.
#
# Untested: it requires a Mac.
set -euo pipefail
cd "$(dirname "$0")"
[ "$(uname -s)" = Darwin ] || { echo "an XCFramework can only be built on macOS" >&2; exit 1; }
target=${CARGO_TARGET_DIR:-../../../target}

triples=(aarch64-apple-darwin x86_64-apple-darwin aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios)
rustup target add "${triples[@]}"
./build-native.sh
for triple in "${triples[@]}"; do
    MACOSX_DEPLOYMENT_TARGET=13.0 IPHONEOS_DEPLOYMENT_TARGET=16.0 \
        cargo build --quiet -p w3pin-uniffi --lib --profile mobile --target "$triple"
done

# One library per platform, for all its processors.
rm -rf native/apple native/W3pin.xcframework native/W3pin.xcframework.zip
mkdir -p native/apple/{macos,ios,simulator,include/CW3pin}
library() { echo "$target/$1/mobile/libw3pin_uniffi.a"; }
lipo -create "$(library aarch64-apple-darwin)" "$(library x86_64-apple-darwin)" \
    -output native/apple/macos/libw3pin_uniffi.a
lipo -create "$(library aarch64-apple-ios-sim)" "$(library x86_64-apple-ios)" \
    -output native/apple/simulator/libw3pin_uniffi.a
cp "$(library aarch64-apple-ios)" native/apple/ios/
# In a separate folder: Xcode puts the headers of all frameworks into one, where two module maps would clash.
cp Sources/CW3pin/include/* native/apple/include/CW3pin/

xcodebuild -create-xcframework \
    -library native/apple/macos/libw3pin_uniffi.a -headers native/apple/include \
    -library native/apple/ios/libw3pin_uniffi.a -headers native/apple/include \
    -library native/apple/simulator/libw3pin_uniffi.a -headers native/apple/include \
    -output native/W3pin.xcframework
ditto -c -k --sequesterRsrc --keepParent native/W3pin.xcframework native/W3pin.xcframework.zip
checksum=$(swift package compute-checksum native/W3pin.xcframework.zip)
echo "native/W3pin.xcframework.zip $checksum"
