#!/bin/sh
# Fetches a file or folder and checks every block against its CID. Run it again to resume.
# Usage: read-back.sh CID DESTINATION
set -eu
w3pin fetch "$1" "$2"
