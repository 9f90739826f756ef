"""Pins the images of an NFT drop and then their metadata, with two requests in total.

Usage: python pin_drop.py IMAGES
"""

import json
import sys
from pathlib import Path

import w3pin

images = Path(sys.argv[1])

# The CID is known before anything is sent, so the metadata can name the images.
cid = w3pin.preview_upload(images).cid
metadata = {
    f"{image.stem}.json": json.dumps(
        {"name": f"Token #{image.stem}", "image": f"ipfs://{cid}/{image.name}"}
    ).encode()
    for image in images.iterdir()
}

with w3pin.Client() as client:
    client.pin_folder(images, name="images", verify="require")
    pin = client.pin_folder(metadata, name="metadata", verify="require")

print(f"{pin.ipfs_url}/")
