"""Tests of reading from the real server's gateway, in all the ways that programs read."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import pickle
import random
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from dag import Dag
from gateway import Gateway, serving
from test_concurrency import in_child

import w3pin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from w3pin.testing import LocalServer

DATA = random.Random(7).randbytes(3_000_000)
SITE = {"index.html": b"<h1>hello</h1>", "docs/a.txt": b"a" * 1000, "docs/b c.txt": b"b"}


@pytest.fixture
def data(client: w3pin.Client) -> str:
    return pinned(client, client.pin_bytes(DATA))


@pytest.fixture
def site(client: w3pin.Client) -> str:
    return pinned(client, client.pin_folder(SITE, name="site"))


@pytest.fixture
def retriever(w3pin_server: LocalServer) -> Iterator[w3pin.Retriever]:
    with w3pin.Retriever(gateways=[w3pin_server.gateway]) as retriever:
        yield retriever


def pinned(client: w3pin.Client, pin: w3pin.Pin) -> str:
    return client.wait_until_pinned(pin.id, first_delay=0.01).cid


def test_what_lies_at_a_path(retriever: w3pin.Retriever, site: str) -> None:
    folder = retriever.resolve(site)
    assert (folder.cid, folder.kind, folder.size, folder.target) == (site, "folder", None, None)
    file = retriever.resolve(f"{site}/docs/a.txt")
    assert (file.kind, file.size) == ("file", 1000)
    for text in (f"/ipfs/{site}/docs/a.txt", f"ipfs://{site}/docs/a.txt"):
        assert retriever.resolve(text) == file
    assert retriever.read(f"https://ipfs.io/ipfs/{site}/docs/b%20c.txt?download=true") == b"b"
    with pytest.raises(w3pin.NotFoundError, match="there is no"):
        retriever.resolve(f"{site}/docs/c.txt")


def test_a_part_of_a_file(retriever: w3pin.Retriever, data: str) -> None:
    size = len(DATA)
    assert retriever.read(data) == DATA
    for start, end in ((0, 0), (0, 1), (262_143, 262_145), (size - 1, size), (5, 10 * size)):
        assert retriever.read(data, start=start, end=end) == DATA[start:end]
        assert b"".join(retriever.stream(data, start=start, end=end)) == DATA[start:end]
    assert retriever.read(data, start=None, end=None, most_bytes=size) == DATA


def test_a_larger_file_is_refused(retriever: w3pin.Retriever, data: str) -> None:
    for read in (retriever.read, lambda *args, **most: next(retriever.stream(*args, **most))):
        with pytest.raises(w3pin.InvalidInputError) as raised:
            read(data, most_bytes=len(DATA) - 1)
        assert raised.value.field == "most_bytes"


def test_a_folder_is_no_file(retriever: w3pin.Retriever, site: str) -> None:
    for read in (retriever.read, retriever.open, lambda path: next(retriever.stream(path))):
        with pytest.raises(w3pin.InvalidInputError) as raised:
            read(site)
        assert raised.value.field == "path"


def test_a_folder(retriever: w3pin.Retriever, site: str) -> None:
    entries = list(retriever.list(site))
    assert [(entry.name, entry.kind) for entry in entries] == [
        ("docs", "folder"),
        ("index.html", "file"),
    ]
    assert entries[0].cid == retriever.resolve(f"{site}/docs").cid
    assert entries[1].size == len(SITE["index.html"])
    with pytest.raises(w3pin.InvalidInputError):
        next(retriever.list(f"{site}/index.html"))
    with retriever.list(site) as listing:
        next(listing)
    assert list(listing) == []


def test_links_and_large_folders() -> None:
    dag = Dag()
    names = {f"{number:04}": dag.file(b"%d" % number) for number in range(700)}
    root = dag.folder(names | {"~link": dag.symlink("0001")})
    with serving(Gateway(dag)) as urls, w3pin.Retriever(gateways=urls) as retriever:
        entries = list(retriever.list(root))
        assert [entry.name for entry in entries] == [*names, "~link"]
        assert (entries[-1].kind, entries[-1].target) == ("symlink", "0001")
        assert retriever.resolve(f"{root}/~link").target == "0001"


def test_a_stream(retriever: w3pin.Retriever, data: str) -> None:
    stream = retriever.stream(data)
    assert iter(stream) is stream
    assert b"".join(stream) == DATA
    assert next(stream, None) is None
    with retriever.stream(data) as stream:
        assert DATA.startswith(next(stream))
    assert next(stream, None) is None
    stream.close()


def test_a_file_to_seek_in(retriever: w3pin.Retriever, data: str) -> None:
    with retriever.open(data) as file:
        assert isinstance(file, io.RawIOBase)
        assert (file.size, file.tell(), file.readable(), file.seekable()) == (
            *(len(DATA), 0, True, True),
        )
        assert not file.writable()
        assert file.read(2_000_000) == DATA[:2_000_000]
        assert file.seek(-10, io.SEEK_END) == len(DATA) - 10
        assert file.read() == DATA[-10:]
        assert file.read(1) == file.read() == b""
        assert file.seek(10**30) == 10**30
        assert file.read() == b""
        assert file.readinto(bytearray(5)) == 0
        file.seek(100)
        assert file.seek(5, io.SEEK_CUR) == 105
        buffer = bytearray(10)
        assert file.readinto(buffer) == 10
        assert buffer == DATA[105:115]
        assert (file.read(0), file.tell()) == (b"", 115)
        assert file.readinto(bytearray()) == 0
        for offset, whence in ((-1, 0), (-(10**7), 2), (-116, 1), (0, 3), (0, -1)):
            with pytest.raises(ValueError, match=r"takes|before"):
                file.seek(offset, whence)
        for wrong in (1.5, "1", None):
            with pytest.raises(TypeError):
                file.seek(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            file.readinto(b"12345")  # type: ignore[arg-type, unused-ignore]
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"a")
        assert file.tell() == 115
    file.close()
    assert file.closed
    for use in (file.read, file.tell, file.readable, file.seekable, file.readall):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_a_buffered_file(retriever: w3pin.Retriever, data: str) -> None:
    with io.BufferedReader(retriever.open(data)) as file:
        assert file.peek(5).startswith(DATA[:5])
        generator = random.Random(3)
        for _ in range(50):
            start, length = generator.randrange(len(DATA)), generator.randrange(100_000)
            file.seek(start)
            assert file.read(length) == DATA[start : start + length]


def test_lines_and_archives(client: w3pin.Client, retriever: w3pin.Retriever) -> None:
    text = "".join(f"line {number}\n" for number in range(10_000))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("lines.txt", text)
    lines = pinned(client, client.pin_bytes(text.encode()))
    zipped = pinned(client, client.pin_bytes(archive.getvalue()))
    with io.TextIOWrapper(io.BufferedReader(retriever.open(lines)), "utf-8") as opened:
        assert sum(1 for _ in opened) == 10_000
    with zipfile.ZipFile(retriever.open(zipped)) as opened_zip:
        assert opened_zip.read("lines.txt").decode() == text


def test_fetching(retriever: w3pin.Retriever, data: str, site: str, tmp_path: Path) -> None:
    told: list[w3pin.FetchProgress] = []
    fetched = retriever.fetch(data, tmp_path / "data", on_progress=told.append)
    assert (tmp_path / "data").read_bytes() == DATA
    assert fetched == w3pin.Fetched(data, 1, len(DATA), len(DATA))
    assert told[-1] == w3pin.FetchProgress(len(DATA), len(DATA), 1)
    assert told[-1].fraction == 1
    assert [progress.bytes for progress in told] == sorted(progress.bytes for progress in told)
    again = retriever.fetch(data, str(tmp_path / "data"))
    assert (again.bytes, again.bytes_fetched) == (len(DATA), 0)

    os.truncate(tmp_path / "data", 1_000_000)
    assert retriever.fetch(f"ipfs://{site}", tmp_path / "site").files == 3
    found = {
        path.relative_to(tmp_path / "site").as_posix(): path.read_bytes()
        for path in (tmp_path / "site").rglob("*")
        if path.is_file()
    }
    assert found == SITE


def test_what_is_there_is_left(
    retriever: w3pin.Retriever, data: str, site: str, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    with pytest.raises(w3pin.LocalIoError) as raised:
        retriever.fetch(data, other)
    assert raised.value.path == str(other)
    assert other.read_bytes() == b"something else"
    retriever.fetch(data, other, overwrite=True)
    assert other.read_bytes() == DATA
    for options in ({"most_bytes": 10}, {"most_entries": 1}):
        with pytest.raises(w3pin.InvalidInputError) as refused:
            retriever.fetch(site, tmp_path / "site", **options)  # type: ignore[arg-type]
        assert refused.value.field == next(iter(options))


def test_links_on_the_disk(tmp_path: Path) -> None:
    dag = Dag()
    root = dag.folder({"a": dag.file(b"a"), "in": dag.symlink("a"), "out": dag.symlink("../b")})
    with serving(Gateway(dag)) as urls, w3pin.Retriever(gateways=urls) as retriever:
        with pytest.raises(w3pin.DecodeError):
            retriever.fetch(root, tmp_path / "inside")
        retriever.fetch(root, tmp_path / "all", symlinks="all")
        assert os.readlink(tmp_path / "all/out") == "../b"
        retriever.fetch(root, tmp_path / "skip", symlinks="skip")
        assert [path.name for path in (tmp_path / "skip").iterdir()] == ["a"]


def test_an_exception_of_the_listener_stops_a_fetch(
    retriever: w3pin.Retriever, data: str, tmp_path: Path
) -> None:
    def stop(_: w3pin.FetchProgress) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        retriever.fetch(data, tmp_path / "data", on_progress=stop)


def test_a_progress_bar(retriever: w3pin.Retriever, data: str, tmp_path: Path) -> None:
    bar = w3pin.progress.tqdm(disable=True)
    assert retriever.fetch(data, tmp_path / "data", on_progress=bar).files == 1
    bar = w3pin.progress.rich(transient=True)
    assert retriever.fetch(data, tmp_path / "again", on_progress=bar).files == 1


def test_the_retriever_of_a_client(client: w3pin.Client, data: str) -> None:
    retriever = client.retriever()
    assert isinstance(retriever, w3pin.Retriever)
    assert retriever.read(data) == DATA
    client.close()
    assert retriever.read(data) == DATA
    retriever.close()
    with pytest.raises(RuntimeError, match="the retriever is closed"):
        retriever.read(data)
    with pytest.raises(RuntimeError, match="the client is closed"):
        client.retriever()


def test_the_environment_names_gateways(
    w3pin_server: LocalServer, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The fixture's endpoint is local, so it is used as a gateway, too.
    assert w3pin.Retriever().read(data) == DATA
    monkeypatch.setenv("W3PIN_GATEWAYS", w3pin_server.gateway)
    monkeypatch.delenv("W3PIN_ENDPOINT")
    assert w3pin.Retriever().read(data) == DATA
    with pytest.raises(w3pin.InvalidInputError):
        w3pin.Retriever(gateways=["not a url"])


def test_a_retriever_is_not_pickled(retriever: w3pin.Retriever) -> None:
    with pytest.raises(TypeError, match="each process"):
        pickle.dumps(retriever)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_has_a_working_retriever(
    w3pin_server: LocalServer, client: w3pin.Client, data: str
) -> None:
    with w3pin.Retriever(gateways=[w3pin_server.gateway]) as retriever:
        of_client = client.retriever()
        file, stream = retriever.open(data), retriever.stream(data)
        file.read(1), next(stream), of_client.resolve(data)

        def refused() -> None:
            for use in (lambda: file.read(1), lambda: next(stream)):
                with pytest.raises(RuntimeError, match="another process"):
                    use()  # type: ignore[no-untyped-call]
            file.close()

        def drops() -> None:
            nonlocal file, stream
            del file, stream
            gc.collect()

        assert in_child(lambda: retriever.read(data)) == 0
        assert in_child(lambda: of_client.read(data)) == 0
        assert in_child(lambda: w3pin.Retriever(gateways=[w3pin_server.gateway]).read(data)) == 0
        assert in_child(refused) == 0
        assert in_child(drops) == 0
        assert in_child(retriever.close) == 0
        # The parent's connections still work.
        assert file.read(9) == DATA[1:10]
        assert len(b"".join(stream)) > 0
        assert retriever.read(data) == DATA


async def test_everything_by_awaiting(
    w3pin_server: LocalServer, data: str, site: str, tmp_path: Path
) -> None:
    async with w3pin.AsyncRetriever(gateways=[w3pin_server.gateway]) as retriever:
        assert (await retriever.resolve(site)).kind == "folder"
        assert await retriever.read(data, start=5, end=9) == DATA[5:9]
        assert b"".join([piece async for piece in retriever.stream(data)]) == DATA
        assert [entry.name async for entry in retriever.list(site)] == ["docs", "index.html"]
        told: list[w3pin.FetchProgress] = []
        fetched = await retriever.fetch(data, tmp_path / "data", on_progress=told.append)
        assert (fetched.bytes, told[-1].files) == (len(DATA), 1)
        async with await retriever.open(data) as file:
            assert file.size == len(DATA)
            assert await file.seek(-10, io.SEEK_END) == await file.tell() == len(DATA) - 10
            assert await file.read() == DATA[-10:]
            assert await file.read(1) == b""
            assert await file.seek(7) == 7
            assert await file.read(2_000_000) == DATA[7:2_000_007]
            assert not file.closed
        assert file.closed
        with pytest.raises(ValueError, match="closed"):
            await file.read(1)
        async with retriever.stream(data) as stream:
            assert DATA.startswith(await anext(stream))
        assert await anext(stream, None) is None
        async with retriever.list(site) as listing:
            assert (await anext(listing)).name == "docs"
        assert [entry async for entry in listing] == []
        found = await asyncio.gather(*(retriever.read(data, end=10) for _ in range(50)))
        assert set(found) == {DATA[:10]}


async def test_the_retriever_of_an_async_client(w3pin_server: LocalServer, data: str) -> None:
    async with w3pin_server.async_client() as client:
        retriever = client.retriever()
        assert isinstance(retriever, w3pin.AsyncRetriever)
        assert await retriever.read(data, end=3) == DATA[:3]
        pin = await client.pin_stream(retriever.stream(data), name="again")
        assert pin.cid == data
        pin = await client.pin_stream(await retriever.open(data), name="again")
        assert pin.cid == data


def test_a_file_of_a_gateway_is_pinned(client: w3pin.Client, data: str) -> None:
    retriever = client.retriever()
    assert client.pin_stream(retriever.open(data)).cid == data
    assert client.pin_stream(retriever.stream(data)).cid == data


def test_a_retriever_works_in_one_loop_after_another(w3pin_server: LocalServer, data: str) -> None:
    retriever = w3pin.AsyncRetriever(gateways=[w3pin_server.gateway])
    for _ in range(3):
        assert asyncio.run(retriever.read(data, end=3)) == DATA[:3]


def test_models() -> None:
    node = w3pin.Node("bafkqaaa", "file", 0)
    assert w3pin.Node(**node.to_dict()) == node
    assert pickle.loads(pickle.dumps(node)) == node
    assert node.to_json() == '{"cid": "bafkqaaa", "kind": "file", "size": 0, "target": null}'
    assert w3pin.FetchProgress(0).fraction is None
    listed: Any = w3pin.FolderEntry("a", "bafkqaaa", "file")
    assert hash(listed) == hash(w3pin.FolderEntry("a", "bafkqaaa", "file"))


def test_inline_content_needs_no_gateway() -> None:
    with w3pin.Retriever(gateways=["http://127.0.0.1:1"]) as retriever:
        assert retriever.read("bafkqac3imvwgy3zao5xxe3de") == b"hello world"
