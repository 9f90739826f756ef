"""Tests of threads, processes, event loops, garbage collection and memory."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import pickle
import resource
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import w3pin

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from w3pin.testing import LocalServer


def test_many_threads_share_a_client(client: w3pin.Client) -> None:
    pin = client.pin_bytes(b"hello")
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: client.get_pin(pin.id).cid, range(400)))
    assert found == [pin.cid] * 400


def test_a_client_works_in_one_loop_after_another(w3pin_server: LocalServer) -> None:
    client = w3pin_server.async_client()
    ids = [asyncio.run(client.pin_bytes(b"hello %d" % number)).id for number in range(3)]
    assert len(set(ids)) == 3


async def test_many_tasks_share_a_client(w3pin_server: LocalServer) -> None:
    async with w3pin_server.async_client() as client:
        pin = await client.pin_bytes(b"hello")
        found = await asyncio.gather(*(client.get_pin(pin.id) for _ in range(500)))
        assert {pin.cid for pin in found} == {pin.cid}


def in_child(work: Callable[[], object]) -> int:
    """The exit code; the process is killed if it hangs."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_has_a_working_client(w3pin_server: LocalServer) -> None:
    import faulthandler

    client = w3pin_server.client()
    pin = client.pin_bytes(b"hello")
    faulthandler.dump_traceback_later(60, exit=True)
    try:
        assert in_child(lambda: client.get_pin(pin.id)) == 0
        other = w3pin_server.async_client()
        assert asyncio.run(other.get_pin(pin.id)).cid == pin.cid
        assert in_child(lambda: asyncio.run(other.get_pin(pin.id))) == 0
        assert in_child(lambda: w3pin_server.client().get_pin(pin.id)) == 0
        assert in_child(client.close) == 0
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert client.get_pin(pin.id).cid == pin.cid


def get(endpoint: str, id: str) -> w3pin.Pin:
    return w3pin.Client("KEY-X", "SECRET-X", endpoint=endpoint).get_pin(id)


def test_pins_and_errors_come_from_other_processes(w3pin_server: LocalServer) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool, pytest.raises(w3pin.AuthenticationError):
        pool.apply(get, (w3pin_server.url, "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2"))


def test_a_client_is_not_pickled(client: w3pin.Client) -> None:
    with pytest.raises(TypeError, match="each process"):
        pickle.dumps(client)


def test_a_closed_client_says_so(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        client.list_pins()
    client.close()
    assert repr(client) == f"Client(endpoint={w3pin_server.url!r})"


def test_no_cycle_keeps_a_client(w3pin_server: LocalServer) -> None:
    async def use() -> weakref.ref[w3pin.AsyncClient]:
        client = w3pin_server.async_client()
        await client.pin_bytes(b"hello", progress=lambda _: None)
        [_ async for _ in client.pins()]
        return weakref.ref(client)

    gc.collect()
    gc.disable()
    try:
        client = w3pin_server.client()
        client.pin_stream([b"hello"], progress=lambda _: None)
        pins = client.pins()
        next(pins)
        gone: list[weakref.ref[Any]] = [weakref.ref(client), asyncio.run(use())]
        del client, pins
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


def test_references_are_given_back(client: w3pin.Client) -> None:
    def tell(_: w3pin.Progress) -> None:
        pass

    data = b"hello" * 1000
    client.pin_bytes(data, progress=tell)
    before = sys.getrefcount(tell), sys.getrefcount(data)
    for _ in range(20):
        client.pin_bytes(data, progress=tell)
    client.list_pins()
    after = sys.getrefcount(tell), sys.getrefcount(data)
    assert all(later <= earlier + 1 for earlier, later in zip(before, after, strict=True))


UPLOAD = """
import resource, sys, w3pin
path, endpoint, key, secret = sys.argv[1:]
client = w3pin.Client(key, secret, endpoint=endpoint)
client.check_credentials()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
client.pin_file(path, verify="require")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_an_upload_needs_little_memory(
    python: Callable[..., subprocess.Popen[str]], w3pin_server: LocalServer, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(256 << 20)
    server = w3pin_server
    process = python(UPLOAD, str(path), server.url, server.api_key, server.secret_key)
    grown, errors = process.communicate(timeout=300)
    assert not errors
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(grown) * unit < 24 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
