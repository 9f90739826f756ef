#!/bin/sh
# Pins a folder, fails unless the CID is proved, and waits until the service has all of it.
# Usage: pin-folder.sh FOLDER
set -eu
w3pin add --verify require --wait "$1" | cut -f 2
