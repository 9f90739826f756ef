import asyncio
from pathlib import Path

import aiohttp
from peer import PIN_ID
from repeat import WARM_UP, in_folder, in_tasks

KEYS = {"pinning_api_key": "key", "pinning_secret_key": "secret"}


def session():
    return aiohttp.ClientSession(headers=KEYS, raise_for_status=True)


async def send(session, url, path):
    with Path(path).open("rb") as file:
        form = aiohttp.FormData()
        form.add_field("file", file, filename=Path(path).name)
        async with session.post(f"{url}/", data=form) as answer:
            return await answer.json()


async def get(session, url):
    async with session.get(url) as answer:
        return await answer.json()


def upload(url, path):
    async def work():
        async with session() as client:
            await send(client, url, path)

    asyncio.run(work())


def calls(url, count, concurrency):
    return repeat(lambda client, _: get(client, f"{url}/{PIN_ID}"), range(count), concurrency, WARM_UP)


def list_pins(url, count):
    return repeat(lambda client, _: get(client, f"{url}/pins/?limit=1000"), range(count), 1, 0)


def files(url, folder, concurrency):
    return repeat(lambda client, path: send(client, url, path), in_folder(folder), concurrency, 0)


def repeat(call, items, concurrency, warm_up):
    async def work():
        async with session() as client:
            bound = lambda item: call(client, item)
            await in_tasks(bound, range(warm_up), concurrency)
            return await in_tasks(bound, items, concurrency)

    return asyncio.run(work())
