"""Pins a file and shows the progress of the upload.

Usage: python pin_file.py FILE
"""

import sys

import w3pin


def show(progress: w3pin.Progress) -> None:
    print(f"\r{progress.bytes_sent} of {progress.bytes_total} bytes", end="", file=sys.stderr)


with w3pin.Client() as client:
    pin = client.pin_file(sys.argv[1], progress=show)

print(file=sys.stderr)
print(pin.cid)
