#!/bin/bash
# Runs a command with Swift, in a Debian 13 below the user's cache folder: chroot.sh COMMAND...
#
# The repository is at /src there. Where no such Debian can be made, this says so and ends with 77.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../../.." && pwd)
root=${XDG_CACHE_HOME:-$HOME/.cache}/w3pin/swift-trixie

skip() {
    echo "SKIPPED: Swift was not built or tested: $1" >&2
    exit 77
}

[ "$(id -u)" = 0 ] || skip "making a Debian takes root"
if [ ! -e "$root/.ready" ]; then
    command -v debootstrap >/dev/null || apt-get install -y debootstrap >&2 || skip "no debootstrap"
    mkdir -p "$root"
    debootstrap --variant=minbase trixie "$root" >&2 || skip "debootstrap failed"
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    # /proc is needed: Swift finds its libraries through it. The mounts end with the namespace.
    unshare -m -p -f bash -ec "mount -t proc proc '$root/proc'; mount --rbind /dev '$root/dev'
        chroot '$root' apt-get update -qq
        DEBIAN_FRONTEND=noninteractive chroot '$root' apt-get install -y -qq --no-install-recommends \
            swiftlang libc6-dev g++ libstdc++-14-dev" >&2 || skip "Swift couldn't be installed"
    touch "$root/.ready"
fi

mkdir -p "$root/src"
exec unshare -m -p -f bash -ec '
    mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mount --bind "$1" "$0/src"
    root=$0; shift; exec chroot "$root" "$@"' "$root" "$repository" "$@"
