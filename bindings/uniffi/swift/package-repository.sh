#!/bin/bash
# Commits the Swift package to its own repository, which apps depend on by URL, and tags it:
# package-repository.sh FOLDER VERSION [XCFRAMEWORK-URL CHECKSUM]
#
# FOLDER is a clone of that repository, or is created. It gets the build of build-native.sh; run that on each supported
# Linux, and collect the native/linux-… folders. Apple's platforms need the URL and the checksum of the XCFramework built by
# xcframework.sh.
set -euo pipefail
[ $# = 2 ] || [ $# = 4 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd) version=$2
cd "$(dirname "$0")"
for made in native/linux-*/libw3pin_uniffi.a Sources/W3pinFFI/W3pinFFI.swift Sources/CW3pin/include/CW3pin.h; do
    [ -e "$made" ] || { echo "there is no $made; run build-native.sh first" >&2; exit 1; }
done

cd "$folder"
[ -e .git ] || git init --quiet --initial-branch main
[ -z "$(git tag --list "$version")" ] || { echo "$folder has a tag $version already" >&2; exit 1; }
git rm -r --quiet --ignore-unmatch . >/dev/null
cd "$OLDPWD"

cp -R Package.swift README.md Sources "$folder/"
cp ../../../LICENSE "$folder/"
for library in native/linux-*; do
    mkdir -p "$folder/$library"
    # Debug information would be most of it.
    strip --strip-debug -o "$folder/$library/libw3pin_uniffi.a" "$library/libw3pin_uniffi.a"
done
# The package's repository contains no tests.
sed -i.bak '/testTarget/d' "$folder/Package.swift"
if [ $# = 4 ]; then
    sed -i.bak "s|path: \"native/W3pin.xcframework\"|url: \"$3\", checksum: \"$4\"|" "$folder/Package.swift"
fi
rm "$folder/Package.swift.bak"

cd "$folder"
git add --force Package.swift README.md LICENSE Sources native
git commit --quiet --message "Release $version"
git tag "$version"
echo "$folder has version $version; push it with its tag"
