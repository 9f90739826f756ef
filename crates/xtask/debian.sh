#!/bin/bash
# Runs a command in a Debian of its own, below the user's cache folder: debian.sh NAME SUITE PACKAGES COMMAND...
#
# The Debian is made when it is first asked for, and gets the packages, which are one argument. The repository is there at
# the same path, and so are the folders in W3PIN_FOLDERS, separated by colons; the command starts in the folder that this is
# called from. Where no such Debian can be made, this says so and ends with 77.
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

install_packages() {
    within '
        export DEBIAN_FRONTEND=noninteractive
        case $1 in *:arm64*) chroot "$0" dpkg --add-architecture arm64 ;; esac
        # A mirror may be behind; what it signed counts all the same.
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

# Files that the environment names for certificates aren't there; what this machine trusts is.
within '
    if [ -e "$1" ] && [ -e "$0$1" ]; then mount --bind "$(realpath "$1")" "$0$1"; fi
    IFS=:
    for folder in $2; do mkdir -p "$folder" "$0$folder"; mount --bind "$folder" "$0$folder"; done
    exec chroot "$0" env -u SSL_CERT_FILE -u SSL_CERT_DIR -C "$3" "${@:4}"' \
    "$certificates" "$repository:${W3PIN_FOLDERS:-}" "$PWD" "$@"
