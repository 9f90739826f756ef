#!/bin/sh
# Keeps a folder pinned under a name, and prints the CID to publish. An unchanged folder isn't sent again.
# Usage: sync-folder.sh FOLDER NAME
set -eu
w3pin sync "$1" --name "$2" --keep 3 | cut -f 2
