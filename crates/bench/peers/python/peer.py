"""`peer.py LIBRARY TASK ...`: the same work by each library, as its documentation does it."""

import importlib
import json
import sys

PIN_ID = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2"


def main() -> None:
    name, task, *arguments = sys.argv[1:]
    if name == "nothing":
        return
    if task == "start":
        importlib.import_module(name)
        return
    library = importlib.import_module(f"with_{name}")
    if task == "upload":
        url, path = arguments
        library.upload(url, path)
        return
    if task == "calls":
        url, count, concurrency = arguments[0], int(arguments[1]), int(arguments[2])
        seconds, each = library.calls(url, count, concurrency)
    elif task == "list":
        url, count = arguments[0], int(arguments[1])
        seconds, each = library.list_pins(url, count)
    else:
        url, folder, concurrency = arguments[0], arguments[1], int(arguments[2])
        seconds, each = library.files(url, folder, concurrency)
    each.sort()
    median = each[len(each) // 2] * 1e6 if each else None
    print(json.dumps({"seconds": seconds, "p50_us": median}))

if __name__ == "__main__":
    main()
