"""Calls made again and again, by threads or by tasks."""

import time
from pathlib import Path

WARM_UP = 50


def in_folder(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def in_threads(call, items, threads):
    """The seconds for all items, and those for each."""

    def timed(item):
        began = time.perf_counter()
        call(item)
        return time.perf_counter() - began

    if threads == 1:
        began = time.perf_counter()
        each = [timed(item) for item in items]
        return time.perf_counter() - began, each
    # Here, so that those who need none don't pay for it when they start.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        each = list(pool.map(timed, items))
        return time.perf_counter() - began, each


async def in_tasks(call, items, tasks):
    """The same by tasks of one loop."""
    import asyncio

    remaining = iter(items)
    each = []

    async def work():
        for item in remaining:
            began = time.perf_counter()
            await call(item)
            each.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(tasks)))
    return time.perf_counter() - began, each
