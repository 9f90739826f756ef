from pathlib import Path

import httpx
from peer import PIN_ID
from repeat import WARM_UP, in_tasks, in_threads

KEYS = {"pinning_api_key": "key", "pinning_secret_key": "secret"}
OPTIONS = {"headers": KEYS, "trust_env": False, "timeout": None}


def upload(url, path):
    with httpx.Client(**OPTIONS) as client, Path(path).open("rb") as file:
        client.post(f"{url}/", files={"file": (Path(path).name, file)}).raise_for_status().json()


def calls(url, count, concurrency):
    if concurrency == 1:
        with httpx.Client(**OPTIONS) as client:
            call = lambda _: client.get(f"{url}/{PIN_ID}").raise_for_status().json()
            in_threads(call, range(WARM_UP), 1)
            return in_threads(call, range(count), 1)
    import asyncio

    return asyncio.run(at_once(url, count, concurrency))


async def at_once(url, count, concurrency):
    async with httpx.AsyncClient(**OPTIONS) as client:

        async def call(_):
            (await client.get(f"{url}/{PIN_ID}")).raise_for_status().json()

        await in_tasks(call, range(WARM_UP), concurrency)
        return await in_tasks(call, range(count), concurrency)


def list_pins(url, count):
    with httpx.Client(**OPTIONS) as client:
        call = lambda _: client.get(f"{url}/pins/?limit=1000").raise_for_status().json()
        return in_threads(call, range(count), 1)
