"""Keeps a folder pinned under a name, sends it only if it has changed, and prints its CID.

Usage: python sync_folder.py FOLDER NAME
"""

import sys

import w3pin

with w3pin.Client() as client:
    synced = client.sync_folder(sys.argv[1], sys.argv[2], keep=3)

print(synced.cid)
