#!/bin/bash
# Runs a command with Swift, in a Debian 13 below the user's cache folder: chroot.sh COMMAND...
#
# The repository is mounted at the same path, and the command starts in this folder. If the Debian can't be created, the script
# reports it and exits with 77.
set -euo pipefail
cd "$(dirname "$0")"
# Git is needed for packages with URLs.
exec ../../../crates/xtask/debian.sh swift-trixie trixie "swiftlang libc6-dev g++ libstdc++-14-dev git" "$@"
