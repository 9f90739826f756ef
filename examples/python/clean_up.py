"""Lists the pins of a stage, such as ``draft``, and unpins them.

Usage: python clean_up.py STAGE
"""

import sys

import w3pin

with w3pin.Client() as client:
    pins = list(client.pins(pinned="pinned", keyvalues={"stage": sys.argv[1]}))
    for pin in pins:
        print(pin.id, pin.cid, pin.name)

    for pin, result in zip(pins, client.unpin_many([pin.id for pin in pins]), strict=True):
        if isinstance(result, w3pin.PinningError):
            print(f"{pin.id} can't be unpinned: {result}", file=sys.stderr)
