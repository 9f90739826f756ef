#!/bin/bash
# Builds the package and runs its tests, after build-native.sh: test.sh [ARGUMENTS OF SWIFT TEST]
set -euo pipefail
cd "$(dirname "$0")"
build=$(cd ../../.. && pwd)/target/swift

swift package --scratch-path "$build" dump-symbol-graph --minimum-access-level public --skip-synthesized-members
W3PIN_SYMBOLS=$(find "$build" -path '*/symbolgraph/W3pin.symbols.json')
export W3PIN_SYMBOLS

# Every link of the documentation leads somewhere.
graphs=$(mktemp -d)
cp "$W3PIN_SYMBOLS" "$graphs"
"$(dirname "$(readlink -f "$(command -v swift)")")/docc" convert Sources/W3pin/W3pin.docc --additional-symbol-graph-dir "$graphs" \
    --fallback-display-name W3pin --fallback-bundle-identifier w3pin --output-dir "$build/documentation" \
    --warnings-as-errors

# What hangs fails, too.
exec timeout --kill-after=10 600 swift test --no-parallel --scratch-path "$build" "$@"
