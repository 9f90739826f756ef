#!/bin/sh
# Pins the images of an NFT drop and then their metadata, with two requests in total.
# Usage: pin-drop.sh IMAGES
set -eu
metadata=$(mktemp -d)
trap 'rm -rf "$metadata"' EXIT

# The CID is known before anything is sent, so the metadata can name the images.
images=$(w3pin cid --as-upload "$1" | cut -f 1)
for image in "$1"/*; do
  file=${image##*/}
  token=${file%.*}
  printf '{"image":"ipfs://%s/%s","name":"Token #%s"}' "$images" "$file" "$token" >"$metadata/$token.json"
done

w3pin add --verify require --name images "$1" >&2
base=$(w3pin add --verify require --name metadata "$metadata" | cut -f 2)
echo "ipfs://$base/"
