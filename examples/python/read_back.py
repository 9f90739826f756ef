"""Fetches a file or folder and checks every block against its CID. Run it again to resume.

Usage: python read_back.py CID DESTINATION
"""

import sys

import w3pin

cid, destination = sys.argv[1:]

with w3pin.Client() as client, client.retriever() as retriever:
    fetched = retriever.fetch(cid, destination)

print(f"{fetched.files} files, {fetched.bytes} bytes, {fetched.bytes_fetched} of them fetched")
