"""Pins a folder, fails unless the CID is proved, and waits until the service has all of it.

Usage: python pin_folder.py FOLDER
"""

import sys

import w3pin

with w3pin.Client() as client:
    pin = client.pin_folder(sys.argv[1], exclude=["*.map"], verify="require")
    pin = client.wait_until_pinned(pin.id)

print(pin.cid)
