"""Tests that no number or time makes the native code panic."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import w3pin
from w3pin.testing import local_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w3pin.testing import LocalServer

EDGES = [
    *(
        0,
        -0.0,
        5e-324,
        1e-9,
        1e-3,
        0.5,
        2**31,
        2**32,
        2**63,
        2**64 - 1,
        2**64,
        1.8446744073709552e19,
    ),
    *(1e18, 1e19, 1e300, float("inf"), float("nan"), -1, True, timedelta.max, timedelta.min),
    *(timedelta.resolution, timedelta(0)),
]
NUMBERS = st.one_of(
    st.sampled_from(EDGES),
    st.floats(),
    st.integers(),
    st.integers(min_value=0, max_value=2**64),
    st.timedeltas(),
)
WAITS = ["deadline", "first_delay", "max_delay"]
PAGES = ["limit", "offset"]
EXPECTED = (w3pin.PinningError, TypeError)
SETTINGS = settings(deadline=None, max_examples=60, derandomize=True)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with local_server() as server:
        yield server


async def brief(call: Any) -> None:
    """Long calls are cancelled: a wait of a thousand years is valid."""
    try:
        await asyncio.wait_for(call, 0.05)
    except (asyncio.TimeoutError, *EXPECTED):
        pass


@SETTINGS
@given(
    option=st.sampled_from(["connect_timeout", "idle_timeout", "call_timeout", "rate_limit"]),
    value=NUMBERS,
)
def test_settings(server: LocalServer, option: str, value: Any) -> None:
    async def main() -> None:
        try:
            client = server.async_client(**{option: value})
        except EXPECTED:
            return
        async with client:
            await brief(client.check_credentials())
            await brief(client.pin_bytes(b"hello"))

    asyncio.run(main())


@SETTINGS
@given(attempts=NUMBERS, base_delay=NUMBERS, max_delay=NUMBERS, budget=NUMBERS)
def test_policies(attempts: Any, base_delay: Any, max_delay: Any, budget: Any) -> None:
    policy = w3pin.RetryPolicy(attempts, base_delay, max_delay, budget)

    async def main() -> None:
        endpoint = "http://127.0.0.1:1/api/pinning"
        async with w3pin.AsyncClient("KEY-X", "SECRET-X", endpoint=endpoint) as client:
            await brief(client.pin_bytes(b"hello", retry=policy))
            await brief(client.pin_cids(["bafkqaaa"], retry=policy))

    asyncio.run(main())


@SETTINGS
@given(
    calls=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys([*WAITS, *PAGES], NUMBERS),
    ),
    value=NUMBERS,
)
def test_options(server: LocalServer, calls: dict[str, Any], value: Any) -> None:
    waits = {name: calls[name] for name in WAITS if name in calls}
    pages = {name: calls[name] for name in PAGES if name in calls}

    async def main() -> None:
        async with server.async_client() as client:
            pin = await client.pin_by_cid("bafkqaaa")
            await brief(client.wait_until_pinned(pin.id, **waits))
            await brief(client.list_pins(**pages))
            await brief(client.pin_bytes(b"hello", timeout=value))
            await brief(client.pin_stream([b"hello"], length=value))
            await brief(client.pin_cids(["bafkqaaa"], concurrency=value, timeout=value))
            await brief(everything(client, value))

    asyncio.run(main())


async def everything(client: w3pin.AsyncClient, limit: Any) -> list[w3pin.Pin]:
    return [pin async for pin in client.pins(limit=limit)]
