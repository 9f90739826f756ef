#!/bin/bash
# Runs a command in a separate Debian system below the user's cache folder: debian.sh NAME SUITE PACKAGES COMMAND...
#
# The system is created on first use, with the packages, which are one argument. The repository is mounted at the same path,
# and so are the folders in W3PIN_FOLDERS, separated by colons; the command starts in the current folder. If the system can't be
# created, the script reports it and exits with 77. With W3PIN_EMULATES=1 the command can also start programs for ARM64.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/w3pin
root=$cache/$1 suite=$2 packages=$3
shift 3
certificates=/etc/ssl/certs/ca-certificates.crt

skip() {
    echo "SKIPPED: there is no Debian $suite to work in: $1" >&2
    exit 77
}

# Runs a script with mounts and processes that end with it. Programs find their libraries through /proc.
namespaces=() emulators=
within() {
    unshare "${namespaces[@]}" --mount --pid --fork --kill-child bash -euc "
        mount -t proc proc \"\$0/proc\"
        mount -t tmpfs tmpfs \"\$0/tmp\"
        mount --rbind /dev \"\$0/dev\"
        $emulators
        $1" "$root" "${@:2}"
}

# Registers the emulator of ARM64. In a user namespace it is registered for that namespace alone, not for this machine.
emulate() {
    namespaces=(--user --map-root-user)
    emulators='
        mount -t binfmt_misc binfmt_misc "$0/proc/sys/fs/binfmt_misc"
        magic="\x7fELF\x02\x01\x01$(printf "\\\\x00%.0s" {1..9})\x02\x00\xb7\x00"
        mask="$(printf "\\\\xff%.0s" {1..7})\x00$(printf "\\\\xff%.0s" {1..8})\xfe\xff\xff\xff"
        printf %s ":aarch64:M::$magic:$mask:$0/usr/bin/qemu-aarch64:FP" >"$0/proc/sys/fs/binfmt_misc/register"'
}

# The mirror configured for apt on this machine, in case the default is unreachable.
mirror() {
    apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 2>/dev/null |
        awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }'
}

install_packages() {
    within '
        export DEBIAN_FRONTEND=noninteractive
        case $1 in *:arm64*) chroot "$0" dpkg --add-architecture arm64 ;; esac
        # A mirror may be outdated; its signatures are valid nevertheless.
        chroot "$0" apt-get update -qq -o Acquire::Check-Valid-Until=false
        chroot "$0" apt-get install -y -qq --no-install-recommends $1
        chroot "$0" apt-get clean' "$packages" >&2 || skip "the packages couldn't be installed"
    echo "$packages" >"$root/w3pin-packages"
}

make_debian() {
    command -v debootstrap >/dev/null || apt-get install -y -qq debootstrap >&2 || skip "there is no debootstrap"
    rm -rf "$root.new"
    debootstrap --variant=minbase "$suite" "$root.new" >&2 ||
        { rm -rf "$root.new"; debootstrap --variant=minbase "$suite" "$root.new" "$(mirror)" >&2; } ||
        skip "debootstrap failed"
    cp /etc/resolv.conf /etc/hosts "$root.new/etc/"
    mv "$root.new" "$root"
}

[ "$(id -u)" = 0 ] || skip "making one takes root"
mkdir -p "$cache"
exec 9>"$root.lock"
flock 9
[ -e "$root" ] || make_debian
within true || skip "nothing can be mounted"
[ "$(cat "$root/w3pin-packages" 2>/dev/null)" = "$packages" ] || install_packages
exec 9>&-
if [ -n "${W3PIN_EMULATES:-}" ]; then
    emulate
    within true || skip "programs for ARM64 can't be started (emulators of a user namespace: Linux 6.7)"
fi

# Certificate files named in the environment don't exist in the system; it gets those that this machine trusts.
within '
    if [ -e "$1" ] && [ -e "$0$1" ]; then mount --bind "$(realpath "$1")" "$0$1"; fi
    IFS=:
    for folder in $2; do mkdir -p "$folder" "$0$folder"; mount --bind "$folder" "$0$folder"; done
    exec chroot "$0" env -u SSL_CERT_FILE -u SSL_CERT_DIR -C "$3" "${@:4}"' \
    "$certificates" "$repository:${W3PIN_FOLDERS:-}" "$PWD" "$@"
