import asyncio

import w3pin
from peer import PIN_ID
from repeat import WARM_UP, in_tasks


def calls(url, count, concurrency):
    return repeat(url, lambda client, _: client.get_pin(PIN_ID), count, concurrency, WARM_UP)


def list_pins(url, count):
    return repeat(url, lambda client, _: client.list_pins(limit=1000), count, 1, 0)


def repeat(url, call, count, concurrency, warm_up):
    async def work():
        async with w3pin.AsyncClient("key", "secret", endpoint=url, no_proxy=True) as client:
            bound = lambda item: call(client, item)
            await in_tasks(bound, range(warm_up), concurrency)
            return await in_tasks(bound, range(count), concurrency)

    return asyncio.run(work())
