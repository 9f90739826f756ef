"""Code that type checkers must accept or reject. It is never run."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from typing_extensions import assert_type

import w3pin


def accepted(client: w3pin.Client, files: Iterator[Path], cids: dict[str, str]) -> None:
    assert_type(client.pin_file("a", name="b", keyvalues={"a": "b"}, timeout=5), w3pin.Pin)
    client.pin_file(Path("a"), timeout=timedelta(1), retry=w3pin.RetryPolicy(3), progress=print)
    client.pin_folder({"a": b"b", "c": bytearray()}, symlinks="skip", include=["*.txt"])
    client.pin_folder({Path("a"): b"b"}, exclude=("*.map", "/drafts"), gitignore=True)
    client.pin_stream([b"a"], length=1, content_type="text/plain")
    client.pin_stream(open("a", "rb"), verify="require")
    client.pin_files(["a", Path("b"), w3pin.FileItem("c", name="C")], concurrency=2)
    client.pin_files({"a", "b"})
    client.pin_files(files)
    client.pin_cids(cids.values())
    client.pin_cids(cids.keys())
    client.pin_cids(cid for cid in cids)
    assert_type(client.unpin_many(("a", "b")), list[w3pin.PinningError | None])
    for completed in client.pin_files_as_completed(["a"], skip_if_pinned=True):
        assert_type(completed, w3pin.Completed[w3pin.Pin])
        assert_type(completed.result, w3pin.Pin | w3pin.PinningError)
    for pin in client.pins(pinned="all", limit=5):
        assert_type(pin, w3pin.Pin)
    assert_type(w3pin.compute_cid(b"a", profile="unixfs-v1-2025").cid, str)
    w3pin.compute_cid("a", profile="custom(chunk=1024)", empty_folders=False)
    assert_type(w3pin.pack_car("a", "a.car", profile="unixfs-v1-2025").bytes, int)
    w3pin.verify({"a": b"b"}, "bafkqaaa", gateway="https://ipfs.io")
    w3pin.Client("key", "secret", endpoint="aiozpin", rate_limit="unlimited", gateways=["a"])
    w3pin.Client(rate_limit=60, retry=w3pin.RetryPolicy(budget=timedelta(minutes=5)))


def accepted_reading(client: w3pin.Client) -> None:
    retriever = w3pin.Retriever(gateways=["a"], call_timeout=5, retry=w3pin.RetryPolicy(3))
    assert_type(client.retriever(), w3pin.Retriever)
    assert_type(retriever.resolve("a").size, int | None)
    assert_type(retriever.read("a", start=1, end=None, most_bytes=5), bytes)
    for piece in retriever.stream("a", start=1):
        assert_type(piece, bytes)
    with retriever.open("a") as file:
        assert_type(file, w3pin.ContentReader)
        assert_type(file.read(5), bytes)
        io.BufferedReader(file)
        client.pin_stream(file)
    for entry in retriever.list("a"):
        assert_type(entry, w3pin.FolderEntry)
    assert_type(retriever.fetch("a", Path("b"), on_progress=print), w3pin.Fetched)
    retriever.fetch("a", "b", overwrite=True, concurrency=2, symlinks="skip", most_entries=5)


async def accepted_reading_async(client: w3pin.AsyncClient) -> None:
    async with w3pin.AsyncRetriever() as retriever:
        assert_type(client.retriever(), w3pin.AsyncRetriever)
        assert_type(await retriever.read("a"), bytes)
        async for piece in retriever.stream("a"):
            assert_type(piece, bytes)
        async for entry in retriever.list("a"):
            assert_type(entry, w3pin.FolderEntry)
        async with await retriever.open("a") as file:
            assert_type(await file.read(), bytes)
            await client.pin_stream(file)
        assert_type(await retriever.fetch("a", "b"), w3pin.Fetched)


def refused_reading(retriever: w3pin.Retriever) -> None:
    retriever.read(b"a")  # type: ignore[arg-type]
    retriever.read(Path("a"))  # type: ignore[arg-type]
    retriever.read("a", start="1")  # type: ignore[arg-type]
    retriever.read("a", 1)  # type: ignore[call-arg]
    retriever.fetch("a", b"b")  # type: ignore[arg-type]
    retriever.fetch("a", "b", symlinks="follow")  # type: ignore[arg-type]
    retriever.fetch("a")  # type: ignore[call-arg]
    w3pin.Retriever(gateways="a")  # type: ignore[arg-type]


async def accepted_async(
    client: w3pin.AsyncClient, stream: AsyncIterator[bytes], reader: asyncio.StreamReader
) -> None:
    assert_type(await client.pin_stream(stream, length=5), w3pin.Pin)
    await client.pin_stream(reader)
    await client.pin_stream([b"a"])
    async for completed in client.unpin_many_as_completed(["a"]):
        assert_type(completed.result, w3pin.PinningError | None)
    async for pin in client.pins():
        assert_type(pin, w3pin.Pin)


def refused(client: w3pin.Client) -> None:
    client.pin_files("a.txt")  # type: ignore[arg-type]
    client.pin_files(b"a.txt")  # type: ignore[arg-type]
    client.pin_files(Path("a.txt"))  # type: ignore[arg-type]
    client.pin_files({"a.txt": "b"})  # type: ignore[arg-type]
    client.pin_files([b"a.txt"])  # type: ignore[list-item]
    client.pin_files_as_completed("a.txt")  # type: ignore[arg-type]
    client.pin_cids("bafkqaaa")  # type: ignore[arg-type]
    client.pin_cids_as_completed("bafkqaaa")  # type: ignore[arg-type]
    client.unpin_many("id")  # type: ignore[arg-type]
    client.unpin_many_as_completed("id")  # type: ignore[arg-type]
    client.pin_folder("a", include="*.txt")  # type: ignore[arg-type]
    client.pin_folder("a", exclude=b"*.txt")  # type: ignore[arg-type]
    client.pin_folder({"a": "text"})  # type: ignore[dict-item]
    client.pin_folder(b"a")  # type: ignore[arg-type]
    client.pin_bytes("text")  # type: ignore[arg-type]
    client.pin_stream("text")  # type: ignore[arg-type]
    client.pin_stream(b"bytes")  # type: ignore[arg-type]
    client.pin_stream(["text"])  # type: ignore[list-item]
    client.pin_bytes(b"a", keyvalues={"a": 1})  # type: ignore[dict-item]
    client.pin_bytes(b"a", keyvalues=[("a", "b")])  # type: ignore[arg-type]
    client.pin_bytes(b"a", verify="maybe")  # type: ignore[arg-type]
    client.pin_bytes(b"a", hidden=True)  # type: ignore[call-arg]
    client.pin_bytes(b"a", retry=3)  # type: ignore[arg-type]
    client.pin_bytes(b"a", "name")  # type: ignore[call-arg]
    client.list_pins(limit="ten")  # type: ignore[arg-type]
    w3pin.Client("key", "secret", gateways="https://ipfs.io")  # type: ignore[arg-type]
    w3pin.Client("key", "secret", rate_limit="none")  # type: ignore[arg-type]
    w3pin.Client("key", "secret", colour="red")  # type: ignore[call-arg]


def refused_async(client: w3pin.AsyncClient) -> None:
    client.pin_files("a.txt")  # type: ignore[arg-type, unused-coroutine]
    client.pin_files_as_completed("a.txt")  # type: ignore[arg-type]
    client.unpin_many("id")  # type: ignore[arg-type, unused-coroutine]
