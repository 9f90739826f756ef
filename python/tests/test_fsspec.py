"""Tests of the fsspec file system."""

from __future__ import annotations

import asyncio
import io
import json
import pickle
import random
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from dag import Dag
from fsspec.callbacks import Callback
from fsspec.implementations.local import LocalFileSystem
from fsspec.tests import abstract
from gateway import Answer, Gateway, serving

import w3pin.fsspec
from w3pin.fsspec import IpfsFileSystem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from w3pin.testing import LocalServer

BLOCK = 256 * 1024
DATA = random.Random(11).randbytes(20 * BLOCK + 17)
FEW = w3pin.RetryPolicy(attempts=1)


@pytest.fixture
def dag() -> Dag:
    return Dag()


@pytest.fixture
def gateway(dag: Dag) -> Iterator[Gateway]:
    gateway = Gateway(dag)
    with serving(gateway):
        yield gateway


@pytest.fixture
def fs(gateway: Gateway) -> IpfsFileSystem:
    return IpfsFileSystem(gateways=[gateway.url], skip_instance_cache=True)


@pytest.fixture
def root(dag: Dag) -> str:
    return dag.folder(
        {
            "data": dag.file(DATA),
            "docs": dag.tree({"a.txt": b"one\ntwo\n", "empty": b"", "deep/b.txt": b"b"}),
            "link": dag.symlink("data"),
        }
    )


class TestGet(abstract.AbstractFixtures, abstract.AbstractGetTests):  # type: ignore[misc]
    """The tests of reading from fsspec itself."""

    @pytest.fixture
    def fs(self, gateway: Gateway) -> IpfsFileSystem:
        class Prepared(IpfsFileSystem):
            """The files that a test would write exist before it starts."""

            def mkdir(self, path: str) -> None:
                assert self.isdir(path)

            def touch(self, path: str) -> None:
                assert self.isfile(path)

        return Prepared(gateways=[gateway.url], skip_instance_cache=True)

    @pytest.fixture
    def fs_path(self, dag: Dag) -> str:
        return dag.tree({"src/file": b""})

    @pytest.fixture
    def fs_join(self) -> Callable[..., str]:
        return lambda *names: "/".join(names)

    @pytest.fixture
    def served(self, dag: Dag, tmp_path: Path) -> Callable[[Any], str]:
        def serve(scenario: Any) -> str:
            scenario(
                LocalFileSystem(auto_mkdir=True), lambda *parts: "/".join(parts), tmp_path / "in"
            )
            found = sorted((tmp_path / "in").rglob("*"))
            files = {
                path.relative_to(tmp_path / "in").as_posix(): path.read_bytes()
                for path in found
                if path.is_file()
            }
            return f"{dag.tree(files)}/source"

        def make(scenario: Any) -> str:
            return serve(lambda fs, join, path: scenario(fs, join, str(path)))

        return make

    @pytest.fixture
    def fs_bulk_operations_scenario_0(self, served: Any) -> str:
        return str(served(self._bulk_operations_scenario_0))

    @pytest.fixture
    def fs_glob_edge_cases_files(self, served: Any) -> str:
        return str(served(self._glob_edge_cases_files))

    @pytest.fixture
    def fs_dir_and_file_with_same_name_prefix(self, served: Any) -> str:
        return str(served(self._dir_and_file_with_same_name_prefix))

    @pytest.fixture
    def fs_10_files_with_hashed_names(self, served: Any) -> str:
        return str(served(self._10_files_with_hashed_names))


def test_what_is_there(fs: IpfsFileSystem, root: str) -> None:
    assert fs.info(f"ipfs://{root}/data")["size"] == len(DATA)
    assert fs.info(root)["type"] == "directory"
    assert fs.info(f"{root}/link")["destination"] == "data"
    assert fs.ls(root, detail=False) == [f"{root}/{name}" for name in ("data", "docs", "link")]
    assert [info["type"] for info in fs.ls(f"/ipfs/{root}/")] == ["file", "directory", "link"]
    assert fs.ls(f"{root}/data")[0]["name"] == f"{root}/data"
    assert fs.find(f"{root}/docs") == [
        f"{root}/docs/{name}" for name in ("a.txt", "deep/b.txt", "empty")
    ]
    assert fs.glob(f"{root}/docs/*.txt") == [f"{root}/docs/a.txt"]
    assert fs.glob(f"ipfs://{root}/**/b.txt") == [f"{root}/docs/deep/b.txt"]
    assert [path for path, _, _ in fs.walk(root)] == [root, f"{root}/docs", f"{root}/docs/deep"]
    assert fs.du(f"{root}/docs") == 9
    assert fs.isdir(root)
    assert fs.isfile(f"{root}/data")
    assert fs.exists(f"{root}/docs/empty")
    assert not fs.exists(f"{root}/missing")
    assert not fs.exists(f"{root}/data/below")
    assert fs.ukey(f"{root}/data") == fs.info(f"{root}/data")["cid"]
    for path in ("", f"{root}/missing", "ipfs://"):
        with pytest.raises(FileNotFoundError):
            fs.ls(path)
    with pytest.raises(ValueError, match="CID"):
        fs.info("nonsense")


def test_what_no_gateway_has_may_exist(dag: Dag, fs: IpfsFileSystem) -> None:
    content = dag.file(b"x" * 1000)
    root = dag.folder({"a": content})
    del dag.blocks[content]
    # If it were taken for absent, like a missing chunk of an array, zeros would be read.
    for use in (fs.cat_file, fs.info, fs.exists):
        with pytest.raises(w3pin.NotFoundError):
            use(f"{root}/a")
    with pytest.raises(FileNotFoundError):
        fs.cat_file(f"{root}/b")


def test_a_liar_proves_no_absence(dag: Dag, root: str) -> None:
    def lie(_: str, answer: Answer) -> Answer:
        return Answer(answer.body[:-1] + b"!", headers=answer.headers)

    with serving(Gateway(dag, lie)) as urls:
        fs = IpfsFileSystem(gateways=urls, skip_instance_cache=True)
        for _ in range(2):
            with pytest.raises(w3pin.DecodeError):
                fs.cat_file(f"{root}/missing")


def test_reading(fs: IpfsFileSystem, root: str) -> None:
    data, size = f"{root}/data", len(DATA)
    for known in (False, True):
        if known:
            fs.info(data)
        assert fs.cat_file(data) == DATA
        for start, end in (
            *((0, 5), (None, 5), (5, None), (-5, None), (None, -5), (-9, -5), (5, 5), (7, 5)),
            *((size - 3, size + 9), (size, None), (size + 9, None), (size + 1, size + 2)),
        ):
            assert fs.cat_file(data, start=start, end=end) == DATA[start:end]
        with pytest.raises(IsADirectoryError):
            fs.cat_file(f"{root}/docs")
        fs.info(f"{root}/docs")
    assert fs.cat(f"{root}/docs/*.txt") == {f"{root}/docs/a.txt": b"one\ntwo\n"}
    assert fs.head(data, 10) == DATA[:10]
    assert fs.tail(data, 10) == DATA[-10:]
    with pytest.raises(w3pin.InvalidInputError, match="symbolic link"):
        fs.cat_file(f"{root}/link")


def test_a_large_file_is_not_read_whole(dag: Dag, gateway: Gateway, root: str) -> None:
    fs = IpfsFileSystem(gateways=[gateway.url], most_bytes=1000, skip_instance_cache=True)
    with pytest.raises(w3pin.InvalidInputError) as raised:
        fs.cat_file(f"{root}/data")
    assert raised.value.field == "most_bytes"
    assert fs.cat_file(f"{root}/data", start=0, end=2000) == DATA[:2000]


def test_files(fs: IpfsFileSystem, root: str) -> None:
    with fs.open(f"{root}/docs/a.txt", "rt") as text:
        assert list(text) == ["one\n", "two\n"]
    generator = random.Random(1)
    with fs.open(f"{root}/data") as file:
        assert file.size == len(DATA)
        for _ in range(60):
            start = generator.randrange(len(DATA))
            length = generator.choice([1, 1000, BLOCK, 3 * BLOCK + 5])
            file.seek(start)
            assert file.read(length) == DATA[start : start + length]
        file.seek(0)
        assert b"".join(iter(lambda: file.read(100_000), b"")) == DATA
    with fs.open(f"{root}/data", cache_type="readahead", block_size=1000) as file:
        assert file.read(10) == DATA[:10]
    with fs.open(f"{root}/docs/empty") as file:
        assert file.read() == b""
    with pytest.raises(IsADirectoryError):
        fs.open(f"{root}/docs")
    with pytest.raises(FileNotFoundError):
        fs.open(f"{root}/missing")


def test_nothing_is_written(fs: IpfsFileSystem, root: str) -> None:
    for mode in ("wb", "ab", "xb", "r+b"):
        with pytest.raises(NotImplementedError):
            fs.open(f"{root}/data", mode)
    for use in (
        lambda: fs.rm(f"{root}/data"),
        lambda: fs.pipe(f"{root}/new", b"x"),
        lambda: fs.touch(f"{root}/new"),
        lambda: fs.mv(f"{root}/data", f"{root}/new"),
        lambda: fs.mkdir(f"{root}/new"),
        lambda: fs.makedirs(f"{root}/new/below"),
        lambda: fs.put_file(__file__, f"{root}/new"),
    ):
        with pytest.raises(NotImplementedError):
            use()  # type: ignore[no-untyped-call]


def test_getting(fs: IpfsFileSystem, root: str, tmp_path: Path) -> None:
    class Told(Callback):  # type: ignore[misc]
        def call(self, *_: Any, **__: Any) -> None:
            sizes.append((self.size, self.value))

    sizes: list[Any] = []
    (tmp_path / "data").write_text("something else")
    fs.get_file(f"{root}/data", tmp_path / "data", callback=Told())
    assert (tmp_path / "data").read_bytes() == DATA
    assert sizes[-1] == (len(DATA), len(DATA))
    fs.get(f"{root}/docs", str(tmp_path / "docs"), recursive=True)
    assert (tmp_path / "docs/deep/b.txt").read_bytes() == b"b"
    held = io.BytesIO()
    fs.get_file(f"{root}/data", held)
    assert held.getvalue() == DATA


def test_ranges_are_merged(fs: IpfsFileSystem, gateway: Gateway, root: str) -> None:
    data = f"{root}/data"
    fs.info(data)
    asked = len(gateway.requests)
    ranges = [(0, 10), (20 * BLOCK, None), (100, 200), (50, 150), (10 * BLOCK, 10 * BLOCK + 1)]
    found = fs.cat_ranges([data] * 5, *map(list, zip(*ranges, strict=True)))
    assert found == [DATA[start:end] for start, end in ranges]
    assert len(gateway.requests) - asked == 3
    assert fs.cat_ranges([data, data], 0, 5) == [DATA[:5]] * 2
    asked = len(gateway.requests)
    fs.cat_ranges([data, data], [0, 100], [10, 110], max_gap=0)
    assert len(gateway.requests) - asked == 2


def test_a_range_that_fails_leaves_the_others(fs: IpfsFileSystem, root: str) -> None:
    paths = [f"{root}/data", f"{root}/missing", f"{root}/docs", f"{root}/missing"]
    found = fs.cat_ranges(paths, [0, 0, 0, -5], [5, 5, 5, None])
    assert found[0] == DATA[:5]
    assert [type(error) for error in found[1:]] == [
        *(FileNotFoundError, IsADirectoryError, FileNotFoundError),
    ]
    with pytest.raises(FileNotFoundError):
        fs.cat_ranges(paths, 0, 5, on_error="raise")
    with pytest.raises(TypeError):
        fs.cat_ranges(f"{root}/data", 0, 5)
    with pytest.raises(ValueError, match="shorter"):
        fs.cat_ranges(paths, [0], [5])


@pytest.mark.parametrize("chunk", [BLOCK, 4 * BLOCK])
def test_little_more_is_fetched_than_is_needed(
    dag: Dag, gateway: Gateway, fs: IpfsFileSystem, chunk: int
) -> None:
    data = random.Random(2).randbytes(40 * BLOCK)
    cid = dag.file(data, chunk)
    generator = random.Random(4)
    ranges = []
    for part in range(4):
        # Runs of small ranges, as columns of a table, and gaps between them.
        start = part * 10 * BLOCK + generator.randrange(BLOCK)
        for _ in range(6):
            length = generator.randrange(1, 60_000)
            ranges.append((start, start + length))
            start += length + generator.randrange(20_000)
    needed = {number for start, end in ranges for number in range(start // chunk, -(-end // chunk))}
    fs.info(cid)
    before = gateway.bytes_sent
    found = fs.cat_ranges([cid] * len(ranges), *map(list, zip(*ranges, strict=True)))
    assert found == [data[start:end] for start, end in ranges]
    assert gateway.bytes_sent - before <= 1.1 * len(needed) * chunk

    before = gateway.bytes_sent
    with fs.open(cid) as file:
        for start, end in ranges:
            file.seek(start)
            assert file.read(end - start) == data[start:end]
    if chunk == BLOCK:
        assert gateway.bytes_sent - before <= 1.1 * len(needed) * chunk


def test_reading_in_a_row_takes_few_requests(
    dag: Dag, gateway: Gateway, fs: IpfsFileSystem
) -> None:
    data = random.Random(2).randbytes(40 * BLOCK)
    with fs.open(dag.file(data)) as file:
        assert b"".join(iter(lambda: file.read(8192), b"")) == data
    assert len(gateway.requests) < 30
    assert gateway.bytes_sent < 1.1 * len(data)


async def test_by_awaiting(gateway: Gateway, root: str) -> None:
    fs = IpfsFileSystem(gateways=[gateway.url], asynchronous=True, skip_instance_cache=True)
    assert await fs._cat_file(f"{root}/data", 0, 5) == DATA[:5]
    assert next(info["name"] for info in await fs._ls(root)) == f"{root}/data"
    async with await fs.open_async(f"{root}/data") as file:
        await file.seek(-5, 2)
        assert await file.read() == DATA[-5:]
    found = await asyncio.gather(*(fs._cat_file(f"{root}/data", at, at + 1) for at in range(20)))
    assert b"".join(found) == DATA[:20]
    with pytest.raises(IsADirectoryError):
        await fs.open_async(root)
    with pytest.raises(NotImplementedError):
        await fs.open_async(f"{root}/data", "wb")


def test_options(gateway: Gateway, root: str) -> None:
    with pytest.raises(TypeError, match="gateways takes a collection of str, not str"):
        IpfsFileSystem(gateways=gateway.url)
    with pytest.raises(TypeError, match="'gateway'"):
        IpfsFileSystem(gateway=gateway.url)
    wrong: Any
    for wrong in (True, 1.5, "1"):
        fs = IpfsFileSystem(gateways=[gateway.url], most_bytes=wrong, skip_instance_cache=True)
        with pytest.raises(TypeError, match="most_bytes takes an int"):
            fs.cat_file(f"{root}/data")


def test_the_same_content_in_another_process(fs: IpfsFileSystem, root: str) -> None:
    again = pickle.loads(pickle.dumps(fs))
    assert again.cat_file(f"{root}/docs/a.txt") == b"one\ntwo\n"
    assert type(fs).from_json(fs.to_json()).ls(root) == fs.ls(root)


def test_a_url(gateway: Gateway, root: str) -> None:
    w3pin.fsspec.register()
    w3pin.fsspec.register()
    options: Any = {"gateways": [gateway.url], "retry": FEW}
    with fsspec.open(f"ipfs://{root}/docs/a.txt", "rt", **options) as file:
        assert file.read() == "one\ntwo\n"
    fs, path = fsspec.url_to_fs(f"ipfs://{root}/docs", **options)
    assert isinstance(fs, IpfsFileSystem)
    assert path == f"{root}/docs"
    assert fs is fsspec.filesystem("ipfs", **options)
    mapping = fsspec.get_mapper(f"ipfs://{root}/docs", **options)
    assert sorted(mapping) == ["a.txt", "deep/b.txt", "empty"]
    assert mapping["a.txt"] == b"one\ntwo\n"
    with pytest.raises(KeyError):
        mapping["missing"]
    cached = fsspec.open(f"simplecache::ipfs://{root}/docs/a.txt", ipfs=options)
    with cached as file:
        assert file.read() == b"one\ntwo\n"


def test_from_the_real_server(w3pin_server: LocalServer, client: w3pin.Client) -> None:
    pin = client.pin_folder({"a/data": DATA, "b": b"b"}, name="folder")
    client.wait_until_pinned(pin.id, first_delay=0.01)
    fs = IpfsFileSystem(gateways=[w3pin_server.gateway])
    assert fs.cat_file(f"{pin.cid}/a/data", start=BLOCK, end=3 * BLOCK) == DATA[BLOCK : 3 * BLOCK]
    assert fs.find(pin.cid) == [f"{pin.cid}/a/data", f"{pin.cid}/b"]


class TestTables:
    """Libraries for tables and arrays, each tested if it is installed."""

    COLUMNS = 12

    @pytest.fixture
    def table(self, dag: Dag, tmp_path: Path) -> tuple[str, Path]:
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        generator = random.Random(8)
        columns = {
            f"c{number}": [generator.random() for _ in range(100_000)]
            for number in range(self.COLUMNS)
        }
        path = tmp_path / "table.parquet"
        parquet.write_table(pyarrow.table(columns), path, use_dictionary=False)
        cid = dag.file(path.read_bytes())
        return f"{dag.folder({'table.parquet': cid})}/table.parquet", path

    def needed(self, path: Path, column: int) -> int:
        """The bytes of the blocks that contain a column and the footer."""
        parquet = pytest.importorskip("pyarrow.parquet")
        metadata = parquet.read_metadata(path)
        blocks = set(
            range((path.stat().st_size - 65536) // BLOCK, path.stat().st_size // BLOCK + 1)
        )
        for group in range(metadata.num_row_groups):
            chunk = metadata.row_group(group).column(column)
            start = chunk.data_page_offset
            end = start + chunk.total_compressed_size
            blocks |= set(range(start // BLOCK, -(-end // BLOCK)))
        return len(blocks) * BLOCK

    def test_pyarrow(self, gateway: Gateway, fs: IpfsFileSystem, table: tuple[str, Path]) -> None:
        parquet = pytest.importorskip("pyarrow.parquet")
        path, local = table
        found = parquet.read_table(path, filesystem=fs, columns=["c5"])
        assert found.equals(parquet.read_table(local, columns=["c5"]))
        assert gateway.bytes_sent <= 1.1 * self.needed(local, 5)
        with w3pin.Retriever(gateways=[gateway.url]) as retriever, retriever.open(path) as file:
            assert parquet.read_table(file).equals(parquet.read_table(local))

    def test_pandas(self, gateway: Gateway, table: tuple[str, Path]) -> None:
        pandas = pytest.importorskip("pandas")
        path, local = table
        w3pin.fsspec.register()
        options = {"gateways": [gateway.url]}
        found = pandas.read_parquet(f"ipfs://{path}", columns=["c3"], storage_options=options)
        assert found.equals(pandas.read_parquet(local, columns=["c3"]))
        assert gateway.bytes_sent <= 1.1 * self.needed(local, 3)

    def test_duckdb(self, fs: IpfsFileSystem, table: tuple[str, Path]) -> None:
        duckdb = pytest.importorskip("duckdb")
        path, local = table
        with duckdb.connect() as connection:
            connection.register_filesystem(fs)
            query = "SELECT sum(c1), count(*) FROM read_parquet('{}')"
            found = connection.sql(query.format(f"ipfs://{path}")).fetchall()
            assert found == connection.sql(query.format(local)).fetchall()

    def test_zarr(self, dag: Dag, gateway: Gateway, tmp_path: Path) -> None:
        zarr = pytest.importorskip("zarr")
        numpy = pytest.importorskip("numpy")
        array = numpy.arange(90_000, dtype="int32").reshape(300, 300)
        zarr.save(str(tmp_path / "array"), array)
        found = sorted((tmp_path / "array").rglob("*"))
        files = {
            path.relative_to(tmp_path / "array").as_posix(): path.read_bytes()
            for path in found
            if path.is_file()
        }
        root = dag.tree(files)
        w3pin.fsspec.register()
        options = {"gateways": [gateway.url]}
        opened = zarr.open(f"ipfs://{root}", mode="r", storage_options=options)
        assert (opened[:] == array).all()
        # An unavailable chunk is an error, rather than the zeros of a missing one.
        chunk = next(name for name in files if name.startswith("c/") or name[0].isdigit())
        del dag.blocks[dag.file(files[chunk])]
        with pytest.raises(w3pin.NotFoundError):
            zarr.open(f"ipfs://{root}", mode="r", storage_options=options)[:]


def test_json_of_pandas_lines(fs: IpfsFileSystem, dag: Dag) -> None:
    lines = "".join(json.dumps({"n": number}) + "\n" for number in range(1000))
    with fs.open(dag.file(lines.encode()), "rt") as file:
        assert sum(json.loads(line)["n"] for line in file) == 499_500
