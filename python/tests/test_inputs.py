from __future__ import annotations

import io
import mmap
import os
from array import array
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import w3pin
from w3pin import InvalidInputError, compute_cid_of_bytes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from w3pin.testing import LocalServer

HELLO = compute_cid_of_bytes(b"hello").cid


class AsPath(os.PathLike[str]):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_paths_are_text_or_path_like(client: w3pin.Client, tmp_path: Path) -> None:
    path = tmp_path / "hello"
    path.write_bytes(b"hello")
    for given in (str(path), path, AsPath(path)):
        assert client.pin_file(given).cid == HELLO
    assert client.pin_folder(tmp_path, name="folder").is_dir
    assert client.pin_path(tmp_path).is_dir
    with pytest.raises(TypeError):
        client.pin_file(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data", [b"hello", bytearray(b"hello"), memoryview(b"-hello-")[1:-1], array("b", b"hello")]
)
def test_bytes_are_anything_like_bytes(client: w3pin.Client, data: Any) -> None:
    assert client.pin_bytes(data).cid == HELLO


def test_text_is_not_bytes(client: w3pin.Client) -> None:
    with pytest.raises(TypeError):
        client.pin_bytes("hello")  # type: ignore[arg-type]


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
    assert pin.cid == compute_cid_of_bytes(b"".join(parts)).cid


async def test_an_async_stream_of_many_blocks_arrives_in_order(w3pin_server: LocalServer) -> None:
    parts = [bytes([number % 251]) * (number * 37 % 400_000) for number in range(60)]

    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async with w3pin_server.async_client() as client:
        pin = await client.pin_stream(stream(), verify="require")
    assert pin.cid == compute_cid_of_bytes(b"".join(parts)).cid


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        (b"hello", "pin_bytes"),
        (io.StringIO("hello"), "binary mode"),
        (["hello"], "encode"),
        ([104, 101], "numbers"),
        (some_async_stream(), "AsyncClient"),
        (7, "iterable"),
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


def test_json_is_what_json_can_hold(client: w3pin.Client) -> None:
    value = {"b": [1, 2.5, None, True], "a": "ü"}
    text = '{"b":[1,2.5,null,true],"a":"ü"}'
    assert client.pin_json(value).cid == compute_cid_of_bytes(text.encode()).cid
    loop: list[Any] = []
    loop.append(loop)
    for bad in ({1, 2}, float("nan"), loop, object()):
        with pytest.raises(InvalidInputError) as raised:
            client.pin_json(bad)
        assert raised.value.field == "json"


def test_times_are_seconds_or_timedelta(w3pin_server: LocalServer) -> None:
    for time in (5, 5.5, timedelta(seconds=5)):
        w3pin_server.client(connect_timeout=time, idle_timeout=time, call_timeout=time)
        assert w3pin.RetryPolicy(base_delay=time).base_delay == pytest.approx(5, abs=0.5)
    for bad in (-1, float("nan"), timedelta(seconds=-1)):
        with pytest.raises(InvalidInputError) as raised:
            w3pin_server.client(idle_timeout=bad)
        assert raised.value.field == "idle_timeout"
    with pytest.raises(TypeError):
        w3pin_server.client(idle_timeout="5")


def test_options_are_keywords_and_typed(client: w3pin.Client) -> None:
    calls: list[Any] = [
        lambda: client.pin_bytes(b"x", "name"),  # type: ignore[call-arg]
        lambda: client.pin_bytes(b"x", name=7),  # type: ignore[arg-type]
        lambda: client.pin_bytes(b"x", keyvalues=[("a", "b")]),  # type: ignore[arg-type]
        lambda: client.pin_bytes(b"x", keyvalues={"a": 1}),  # type: ignore[dict-item]
        lambda: client.pin_bytes(b"x", progress=7),  # type: ignore[arg-type]
        lambda: client.pin_bytes(b"x", retry=3),  # type: ignore[arg-type]
        lambda: client.pin_bytes(b"x", colour="red"),  # type: ignore[call-arg]
        lambda: client.list_pins(limit="ten"),  # type: ignore[arg-type]
        lambda: w3pin.Client("key", "secret", "http://127.0.0.1:1"),  # type: ignore[call-arg]
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()
    for word in ({"verify": "maybe"}, {"profile": "none"}, {"name": ""}):
        with pytest.raises(InvalidInputError) as raised:
            client.pin_bytes(b"x", **word)  # type: ignore[arg-type]
        assert raised.value.field == next(iter(word))


@pytest.mark.parametrize("number", [-1, 2**64])
def test_numbers_beyond_all_bounds_are_refused_by_name(client: w3pin.Client, number: int) -> None:
    calls: dict[str, Callable[[], object]] = {
        "limit": lambda: client.list_pins(limit=number),
        "offset": lambda: client.list_pins(offset=number),
        "concurrency": lambda: client.pin_files([], concurrency=number),
        "length": lambda: client.pin_stream(io.BytesIO(b"x"), length=number),
        "attempts": lambda: w3pin.RetryPolicy(number),
    }
    for field, call in calls.items():
        with pytest.raises(InvalidInputError) as raised:
            call()
        assert raised.value.field == field


def test_keyvalues_may_be_any_mapping(client: w3pin.Client) -> None:
    from types import MappingProxyType

    pin = client.pin_bytes(b"x", keyvalues=MappingProxyType({"a": "b"}))
    assert client.get_pin(pin.id).keyvalues == {"a": "b"}
