"""Ctrl-C and cancelled tasks."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

import w3pin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from w3pin.testing import LocalServer

UPLOAD = """
import sys, w3pin
client = w3pin.Client("key", "secret", endpoint=sys.argv[1], idle_timeout=600)
print("ready", flush=True)
try:
    client.pin_file(sys.argv[2])
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
"""

STREAM = """
import sys, time, w3pin
def endless():
    print("ready", flush=True)
    while True:
        time.sleep(0.01)
        yield b"x" * 1000
w3pin.Client("key", "secret", endpoint=sys.argv[1]).pin_stream(endless())
"""

ASYNC = """
import asyncio, sys, w3pin
async def main():
    async with w3pin.AsyncClient("key", "secret", endpoint=sys.argv[1], idle_timeout=600) as client:
        print("ready", flush=True)
        await client.pin_file(sys.argv[2])
asyncio.run(main())
"""


@pytest.mark.parametrize("program", [UPLOAD, STREAM, ASYNC], ids=["file", "stream", "asyncio"])
def test_ctrl_c_stops_an_upload(
    python: Callable[..., subprocess.Popen[str]],
    program: str,
    deaf_endpoint: str,
    big_file: Path,
) -> None:
    process = python(program, deaf_endpoint, str(big_file))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.send_signal(signal.SIGINT)
    # Otherwise it would take ten minutes.
    _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert process.returncode in (1, -signal.SIGINT)


async def test_cancelling_a_task_stops_its_upload(deaf_endpoint: str) -> None:
    stopped = asyncio.Event()
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        try:
            while True:
                taken += 1
                yield b"x" * 300_000
        finally:
            stopped.set()

    async with w3pin.AsyncClient("key", "secret", endpoint=deaf_endpoint) as client:
        task = asyncio.create_task(client.pin_stream(endless()))
        while taken < 3:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.wait_for(stopped.wait(), 20)
    before = taken
    await asyncio.sleep(0.1)
    assert taken == before


async def test_a_timeout_around_a_call(deaf_endpoint: str, big_file: Path) -> None:
    async with w3pin.AsyncClient("key", "secret", endpoint=deaf_endpoint) as client:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.pin_file(big_file), 0.2)


async def test_the_connection_of_a_cancelled_upload_is_closed(big_file: Path) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1 << 16):
                await asyncio.sleep(0.005)
        except ConnectionError:
            pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/pinning"
    async with server, w3pin.AsyncClient("key", "secret", endpoint=endpoint) as client:
        task = asyncio.create_task(client.pin_file(big_file))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(gone.wait(), 20)


def test_a_call_that_times_out(deaf_endpoint: str, big_file: Path) -> None:
    with (
        w3pin.Client("key", "secret", endpoint=deaf_endpoint) as client,
        pytest.raises(w3pin.RequestTimeoutError),
    ):
        client.pin_file(big_file, timeout=0.2)


def test_other_threads_run_while_one_waits(deaf_endpoint: str, big_file: Path) -> None:
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1

    counter = threading.Thread(target=count)
    counter.start()
    with w3pin.Client("key", "secret", endpoint=deaf_endpoint) as client:
        before = counted
        with pytest.raises(w3pin.RequestTimeoutError):
            client.pin_file(big_file, timeout=0.3)
        # Only the signal checks, 50 ms apart, delay the others.
        assert counted - before > 1000
    done.set()
    counter.join()


def test_a_stream_is_read_on_the_thread_that_waits(client: w3pin.Client) -> None:
    threads = set()

    def stream() -> Iterator[bytes]:
        for _ in range(3):
            threads.add(threading.get_ident())
            yield b"x" * 300_000

    client.pin_stream(stream(), progress=lambda _: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


async def test_an_unawaited_call_sends_nothing(w3pin_server: LocalServer) -> None:
    async with w3pin_server.async_client() as client:
        client.pin_bytes(b"hello").close()
        assert (await client.list_pins()).totals.files == 0
