from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

import w3pin
from w3pin.testing import local_server

if TYPE_CHECKING:
    from w3pin.testing import LocalServer


def fill(client: w3pin.Client, number: int) -> None:
    for index in range(number):
        client.pin_bytes(b"%d" % index, name=f"pin-{index:04}")


def test_pins_are_read_when_they_are_asked_for() -> None:
    with local_server() as server:
        client = server.client(retry=w3pin.RetryPolicy(1))
        fill(client, 30)
        pins = client.pins(limit=10, sort_by="name", sort_order="asc")
        assert iter(pins) is iter(pins)
        first = [pin.name for pin in itertools.islice(pins, 10)]
        assert first == [f"pin-{index:04}" for index in range(10)]
    # Without a server, only the first page is available.
    with pytest.raises(w3pin.TransportError):
        next(pins)
    with pytest.raises(StopIteration):
        next(pins)


def test_a_thousand_pins(client: w3pin.Client) -> None:
    cids = [w3pin.compute_cid(b"%d" % index).cid for index in range(1000)]
    client.pin_cids(cids, concurrency=16)
    pins = list(client.pins(limit=100, sort_order="asc"))
    assert len(pins) == 1000
    assert {pin.cid for pin in pins} == set(cids)


async def test_pages_and_filters(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        fill(client, 5)
        pins = client.pins(sort_by="name", sort_order="asc")
        assert len(list(pins)) == 5
        assert pins.unreadable == []
        page = client.list_pins(sort_by="name", sort_order="asc", offset=3)
        assert [pin.name for pin in page] == ["pin-0003", "pin-0004"]
        assert page.totals.files == 5
        assert len(client.list_pins(limit=2).pins) == 2
    async with w3pin_server.async_client() as client:
        listing = client.pins(limit=2)
        assert len([pin async for pin in listing]) == 5
        assert [pin async for pin in client.pins(pinned="unpinned")] == []
        with pytest.raises(StopAsyncIteration):
            await listing.__anext__()
