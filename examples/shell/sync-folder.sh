#!/bin/sh
# Keeps a folder pinned under a name, sends it only if it has changed, and prints its CID.
# Usage: sync-folder.sh FOLDER NAME
set -eu
w3pin sync "$1" --name "$2" --keep 3 | cut -f 2
