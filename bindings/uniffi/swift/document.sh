#!/bin/bash
# Builds the reference of the package, after build-native.sh: document.sh [ARGUMENTS OF DOCC CONVERT]
#
# Fails for broken links. Writes the symbols of the package to target/swift/W3pin.symbols.json, and the reference to
# target/swift/documentation.
set -euo pipefail
cd "$(dirname "$0")"
build=$(cd ../../.. && pwd)/target/swift

swift package --scratch-path "$build" dump-symbol-graph --minimum-access-level public --skip-synthesized-members
cp "$(find "$build" -path '*/symbolgraph/W3pin.symbols.json')" "$build/W3pin.symbols.json"

graphs=$(mktemp -d)
cp "$build/W3pin.symbols.json" "$graphs"
"$(dirname "$(readlink -f "$(command -v swift)")")/docc" convert Sources/W3pin/W3pin.docc --additional-symbol-graph-dir "$graphs" \
    --fallback-display-name W3pin --fallback-bundle-identifier w3pin --output-dir "$build/documentation" \
    --warnings-as-errors "$@"
