#!/bin/sh
# Lists the pins of a stage, such as `draft`, and unpins them.
# Usage: clean-up.sh STAGE
set -eu
w3pin ls --all --pinned --meta "stage=$1"
w3pin ls --all --pinned --meta "stage=$1" | w3pin rm -
