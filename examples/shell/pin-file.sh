#!/bin/sh
# Pins a file. On a terminal, `w3pin add` shows a progress bar.
# Usage: pin-file.sh FILE
set -eu
w3pin add --json "$1" | sed -n 's/.*"cid": *"\([^"]*\)".*/\1/p'
