import time

import w3pin
from peer import PIN_ID
from repeat import WARM_UP, in_folder, in_threads


def client(url):
    return w3pin.Client("key", "secret", endpoint=url, no_proxy=True)


def upload(url, path):
    with client(url) as opened:
        opened.pin_file(path, verify="off")


def calls(url, count, concurrency):
    with client(url) as opened:
        call = lambda _: opened.get_pin(PIN_ID)
        in_threads(call, range(WARM_UP), concurrency)
        return in_threads(call, range(count), concurrency)


def list_pins(url, count):
    with client(url) as opened:
        return in_threads(lambda _: opened.list_pins(limit=1000), range(count), 1)


def files(url, folder, concurrency):
    paths = in_folder(folder)
    with client(url) as opened:
        began = time.perf_counter()
        for result in opened.pin_files(paths, concurrency=concurrency, verify="off"):
            if isinstance(result, Exception):
                raise result
        return time.perf_counter() - began, []
