"""Tests of all kinds of streams."""

from __future__ import annotations

import asyncio
import gzip
import io
import mmap
import tempfile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

import w3pin
from w3pin import compute_cid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from w3pin.testing import LocalServer

HELLO = compute_cid(b"hello").cid


def some_streams(path: Path) -> Iterator[Any]:
    yield path.open("rb")
    yield path.open("rb", buffering=0)
    yield io.BytesIO(b"hello")
    yield [b"he", b"", bytearray(b"l"), memoryview(b"lo")]
    yield (letter.encode() for letter in "hello")
    with path.open("rb") as file:
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


async def some_async_stream() -> AsyncIterator[bytes]:
    for letter in "hello":
        yield letter.encode()


async def test_streams(w3pin_server: LocalServer, tmp_path: Path) -> None:
    path = tmp_path / "hello"
    path.write_bytes(b"hello")
    with w3pin_server.client() as client:
        for stream in some_streams(path):
            assert client.pin_stream(stream).cid == HELLO
        assert client.pin_stream([b"hello"], length=5).cid == HELLO
    async with w3pin_server.async_client() as client:
        for stream in some_streams(path):
            assert (await client.pin_stream(stream)).cid == HELLO
        assert (await client.pin_stream(some_async_stream())).cid == HELLO
        assert (await client.pin_stream(some_async_stream(), length=5)).cid == HELLO


def test_a_stream_of_many_blocks_arrives_in_order(client: w3pin.Client) -> None:
    parts = [bytes([number % 251]) * (number * 37 % 400_000) for number in range(60)]
    pin = client.pin_stream(iter(parts), verify="require")
    assert pin.cid == compute_cid(b"".join(parts)).cid


async def test_an_async_stream_of_many_blocks_arrives_in_order(w3pin_server: LocalServer) -> None:
    parts = [bytes([number % 251]) * (number * 37 % 400_000) for number in range(60)]

    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async with w3pin_server.async_client() as client:
        pin = await client.pin_stream(stream(), verify="require")
    assert pin.cid == compute_cid(b"".join(parts)).cid


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        (b"hello", "pin_bytes"),
        (io.StringIO("hello"), "binary mode"),
        (["hello"], "encode"),
        ([104, 101], "gives int"),
        (some_async_stream(), "AsyncClient"),
        (7, "iterable"),
        ("hello", "open a path"),
        ({b"a", b"b"}, "not set: give its parts in a list"),
        (frozenset({b"a"}), "not frozenset: give its parts in a list"),
        ({b"a": 1}, "not dict: give its parts in a list"),
        (MappingProxyType({b"a": 1}), "not mappingproxy: give its parts in a list"),
    ],
)
def test_what_is_no_stream_is_refused(client: w3pin.Client, stream: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        client.pin_stream(stream)
    assert client.list_pins().totals.files == 0


def test_another_length_than_said_is_an_error(client: w3pin.Client) -> None:
    with pytest.raises(w3pin.LocalIoError):
        client.pin_stream([b"hello"], length=6)


class BrokenError(Exception):
    pass


def broken_stream() -> Iterator[bytes]:
    yield b"x" * 300_000
    raise BrokenError


async def broken_async_stream() -> AsyncIterator[bytes]:
    yield b"x" * 300_000
    raise BrokenError


async def test_what_a_stream_raises_comes_out(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        with pytest.raises(BrokenError):
            client.pin_stream(broken_stream())
        assert client.list_pins().totals.files == 0
    async with w3pin_server.async_client() as client:
        for stream in (broken_stream(), broken_async_stream()):
            with pytest.raises(BrokenError):
                await client.pin_stream(stream)


def total(client: w3pin.Client, stream: Any, **options: Any) -> tuple[str | None, int | None]:
    """The name of the pin, and the known length of the upload."""
    told: list[w3pin.Progress] = []
    pin = client.pin_stream(stream, progress=told.append, **options)
    return pin.name, told[0].bytes_total


def test_a_file_brings_its_name_and_length(client: w3pin.Client, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"x" * 1_000_000)
    with path.open("rb") as file:
        assert total(client, file) == ("report.pdf", 1_000_000)
    with path.open("rb") as file:
        file.read(1)
        assert total(client, file, file_name="rest") == ("rest", 999_999)
    path.write_bytes(b"y" * 1_000_000)
    with path.open("rb", buffering=0) as file:
        assert total(client, file, name="Report") == ("Report", 1_000_000)
    assert total(client, io.BytesIO(b"abc")) == ("stream", 3)
    with tempfile.SpooledTemporaryFile() as spooled:
        spooled.write(b"abcd")
        spooled.seek(0)
        assert total(client, spooled) == ("stream", 4)


def test_a_compressed_file_brings_neither(client: w3pin.Client, tmp_path: Path) -> None:
    path = tmp_path / "report.gz"
    data = b"y" * 1_000_000
    path.write_bytes(gzip.compress(data))
    with gzip.open(path) as file:
        assert total(client, file, name="report")[0] == "report"
    with gzip.open(path) as file:
        assert client.pin_stream(file).cid == compute_cid(data).cid


def test_a_file_that_ends_early_is_an_error(client: w3pin.Client, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 100)
    with path.open("rb") as file, pytest.raises(w3pin.LocalIoError):
        client.pin_stream(file, length=101)


class Upload:
    """The file type of web frameworks: a regular file with an async interface."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)
        self.filename = "C:\\photos\\cat.png"
        self.content_type = "image/png"

    async def read(self, size: int = -1) -> bytes:
        await asyncio.sleep(0)
        return self.file.read(size)


class Awaitable:
    """A stream that returns futures rather than coroutines, and supports lines."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def read(self, size: int = -1) -> asyncio.Future[bytes]:
        part, self.rest = self.rest[:size], self.rest[size:]
        future = FUTURES.pop()
        future.set_result(part)
        return future

    def __aiter__(self) -> AsyncIterator[bytes]:
        raise AssertionError("to read by lines is slow")


FUTURES: list[asyncio.Future[bytes]] = []


async def test_what_is_read_by_awaiting(w3pin_server: LocalServer) -> None:
    data = bytes(range(251)) * 10_000
    wanted = compute_cid(data).cid
    loop = asyncio.get_running_loop()
    FUTURES.extend(loop.create_future() for _ in range(100))
    async with w3pin_server.async_client() as client:
        told: list[w3pin.Progress] = []
        pin = await client.pin_stream(Upload(data), progress=told.append)
        assert (pin.cid, pin.name, pin.file_type) == (wanted, "cat.png", "image/png")
        assert told[0].bytes_total == len(data)
        reader = asyncio.StreamReader(limit=len(data))
        reader.feed_data(data)
        reader.feed_eof()
        assert (await client.pin_stream(reader)).cid == wanted
        assert (await client.pin_stream(Awaitable(data))).cid == wanted
    with w3pin_server.client() as client:
        for stream in (Upload(data), asyncio.StreamReader()):
            with pytest.raises(TypeError, match="only AsyncClient"):
                client.pin_stream(stream)  # type: ignore[arg-type]


async def test_a_stream_that_is_read_by_awaiting_can_fail(w3pin_server: LocalServer) -> None:
    class Failing(Upload):
        async def read(self, size: int = -1) -> bytes:
            if self.file.tell():
                raise BrokenError
            return await super().read(1000)

    async with w3pin_server.async_client() as client:
        with pytest.raises(BrokenError):
            await client.pin_stream(Failing(b"x" * 3000))
        assert (await client.list_pins()).totals.files == 0
