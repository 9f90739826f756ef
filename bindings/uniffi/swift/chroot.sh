#!/bin/bash
# Runs a command with Swift, in a Debian 13 below the user's cache folder: chroot.sh COMMAND...
#
# The repository is there at the same path, and the command starts in this folder. Where no such Debian can be made, this
# says so and ends with 77.
set -euo pipefail
cd "$(dirname "$0")"
# Git is there for packages that are had by URL.
exec ../../../crates/xtask/debian.sh swift-trixie trixie "swiftlang libc6-dev g++ libstdc++-14-dev git" "$@"
