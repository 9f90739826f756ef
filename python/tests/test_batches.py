"""Tests of batches, and of results as they become available."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import w3pin
from w3pin import Completed, Pin, PinningError

if TYPE_CHECKING:
    from pathlib import Path

    from w3pin.testing import LocalServer

MISSING = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2"


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number:02}.txt" for number in range(20)]
    for path in paths:
        path.write_text(path.name)
    return paths


def files(client: w3pin.Client) -> int | None:
    return client.list_pins().totals.files


def test_each_result_comes_with_its_index(client: w3pin.Client, paths: list[Path]) -> None:
    batch = client.pin_files_as_completed([*paths, "missing"], concurrency=3)
    assert iter(batch) is batch
    completed = list(batch)
    assert sorted(item.index for item in completed) == list(range(21))
    for item in completed:
        match item:
            case Completed(20, w3pin.LocalIoError() as error):
                assert error.path == "missing"
            case Completed(index, Pin() as pin):
                assert pin.name == paths[index].name
            case _:
                pytest.fail(str(item))
    with pytest.raises(StopIteration):
        next(batch)


async def test_each_result_comes_to_a_loop(w3pin_server: LocalServer, paths: list[Path]) -> None:
    async with w3pin_server.async_client() as client:
        found = {
            completed.index: completed.result
            async for completed in client.pin_files_as_completed(paths)
        }
        assert len(found) == len(paths)
        ids = [pin.id for pin in found.values() if isinstance(pin, Pin)]
        async for gone in client.unpin_many_as_completed([*ids, MISSING]):
            assert (gone.result is None) == (gone.index < len(ids))
        cids = [completed async for completed in client.pin_cids_as_completed(["oops", "bafkqaaa"])]
        assert {item.index: type(item.result).__name__ for item in cids} == {
            0: "InvalidInputError",
            1: "Pin",
        }


def test_results_are_there_before_the_last(client: w3pin.Client, paths: list[Path]) -> None:
    batch = client.pin_files_as_completed(paths, concurrency=1)
    assert files(client) == 0
    first = next(batch)
    assert isinstance(first.result, Pin)
    assert client.get_pin(first.result.id).name == paths[first.index].name


def test_a_batch_stops_when_nobody_has_it(client: w3pin.Client, paths: list[Path]) -> None:
    for _ in client.pin_files_as_completed(paths, concurrency=1):
        break
    count = files(client)
    assert count is not None
    # The one in progress may have arrived.
    assert 1 <= count <= 3
    assert files(client) in (count, count + 1)


async def test_a_loop_that_is_left_stops_its_batch(
    w3pin_server: LocalServer, paths: list[Path]
) -> None:
    async with w3pin_server.async_client() as client:
        async for _ in client.pin_files_as_completed(paths, concurrency=1):
            break
        count = (await client.list_pins()).totals.files
        assert count is not None
        assert count <= 3


def test_the_progress_is_that_of_the_batch(client: w3pin.Client, paths: list[Path]) -> None:
    for call in (client.pin_files, client.pin_files_as_completed):
        told: list[w3pin.Progress] = []
        list(call([*paths, "missing"], progress=told.append, concurrency=2))
        assert [it.bytes_sent for it in told] == sorted(it.bytes_sent for it in told)
        assert [it.items_done for it in told] == sorted(it.items_done for it in told)
        assert told[-1].items_done == told[-1].items_total == 21
        assert told[-1].bytes_sent == told[-1].bytes_total


def test_what_progress_raises_ends_the_batch(client: w3pin.Client, paths: list[Path]) -> None:
    class StopError(Exception):
        pass

    def stop(_: w3pin.Progress) -> None:
        raise StopError

    with pytest.raises(StopError):
        list(client.pin_files_as_completed(paths, progress=stop, concurrency=1))
    with pytest.raises(StopError):
        client.pin_files(paths, progress=stop)


def test_threads_share_a_batch(client: w3pin.Client, paths: list[Path]) -> None:
    told: list[int] = []
    batch = client.pin_files_as_completed(
        paths, progress=lambda _: told.append(threading.get_ident())
    )
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda _: [item.index for item in batch], range(4)))
    assert sorted(index for part in parts for index in part) == list(range(20))
    assert told


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_does_not_go_on_with_a_batch(
    client: w3pin.Client, paths: list[Path]
) -> None:
    batch, pins = client.pin_files_as_completed(paths, concurrency=1), client.pins(limit=1)
    next(batch)
    child = os.fork()
    if child == 0:
        refused = 0
        for iterator in (batch, pins):
            try:
                next(iterator)
            except RuntimeError:
                refused += 1
        os._exit(refused)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert len(list(batch)) == len(paths) - 1


def test_many_give_errors_in_their_places(client: w3pin.Client, paths: list[Path]) -> None:
    pin = client.pin_bytes(b"hello")
    results = client.unpin_many([pin.id, MISSING, ""])
    assert results[0] is None
    assert isinstance(results[1], w3pin.NotFoundError)
    assert isinstance(results[2], w3pin.InvalidInputError)
    assert all(isinstance(result, Pin) for result in client.pin_files(paths))
    assert all(not isinstance(pin, PinningError) for pin in client.pin_cids([]))
