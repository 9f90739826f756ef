#!/bin/bash
# Runs a command with Swift, in a Debian 13 below the user's cache folder: chroot.sh COMMAND...
#
# The repository is there at the same path, and the command starts in this folder. Where no such Debian can be made, this
# says so and ends with 77.
set -euo pipefail
cd "$(dirname "$0")"
repository=$(cd ../../.. && pwd)
root=${XDG_CACHE_HOME:-$HOME/.cache}/w3pin/swift-trixie

skip() {
    echo "SKIPPED: Swift was not built or tested: $1" >&2
    exit 77
}

# Runs a script with mounts and processes that end with it. Swift finds its libraries through /proc.
within() {
    unshare --mount --pid --fork --kill-child bash -euc "
        mount -t proc proc \"\$0/proc\"
        mount -t tmpfs tmpfs \"\$0/tmp\"
        mount --rbind /dev \"\$0/dev\"
        $1" "$root" "${@:2}"
}

# The mirror that apt is set up with here, for where the default isn't reached.
mirror() {
    apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 2>/dev/null |
        awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }'
}

# Git is there for packages that are had by URL.
install_swift() {
    within '
        export DEBIAN_FRONTEND=noninteractive
        chroot "$0" apt-get update -qq
        chroot "$0" apt-get install -y -qq --no-install-recommends swiftlang libc6-dev g++ libstdc++-14-dev git
        chroot "$0" apt-get clean' >&2 || skip "Swift couldn't be installed"
}

make_debian() {
    command -v debootstrap >/dev/null || apt-get install -y -qq debootstrap >&2 || skip "there is no debootstrap"
    rm -rf "$root.new"
    mkdir -p "$(dirname "$root")"
    debootstrap --variant=minbase trixie "$root.new" >&2 ||
        { rm -rf "$root.new"; debootstrap --variant=minbase trixie "$root.new" "$(mirror)" >&2; } ||
        skip "debootstrap failed"
    cp /etc/resolv.conf /etc/hosts "$root.new/etc/"
    root=$root.new install_swift
    mv "$root.new" "$root"
}

[ "$(id -u)" = 0 ] || skip "making a Debian takes root"
[ -e "$root" ] || make_debian
within true || skip "nothing can be mounted"
[ -x "$root/usr/bin/git" ] || install_swift

# Files that the environment names for certificates aren't there.
within 'mkdir -p "$0$1"; mount --bind "$1" "$0$1"
    exec chroot "$0" env -u SSL_CERT_FILE -u SSL_CERT_DIR -C "$2" "${@:3}"' "$repository" "$PWD" "$@"
