#!/bin/bash
# Builds the package and runs its tests, after build-native.sh: test.sh [ARGUMENTS OF SWIFT TEST]
set -euo pipefail
cd "$(dirname "$0")"
build=$(cd ../../.. && pwd)/target/swift

./document.sh
export W3PIN_SYMBOLS=$build/W3pin.symbols.json

# A test that hangs fails, too. Lines are printed as they come, so that the log shows which it was.
exec stdbuf -oL timeout --kill-after=10 600 swift test --no-parallel --scratch-path "$build" "$@"
