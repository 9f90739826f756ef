"""IPFS as a file system of fsspec: what pandas, pyarrow, dask, zarr or DuckDB read is proved by its
CID.

It needs the extra ``w3pin[fsspec]``.

>>> register()
>>> with fsspec.open(f"ipfs://{pin.cid}", gateways=[server.gateway]) as file:
...     file.read()
b'hello'
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from fsspec.asyn import AsyncFileSystem, _run_coros_in_chunks
from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.registry import register_implementation
from fsspec.spec import AbstractBufferedFile
from fsspec.utils import isfilelike, stringify_path

from w3pin._async_retriever import AsyncRetriever
from w3pin._block_cache import BlockCache
from w3pin._errors import InvalidInputError, NotFoundError
from w3pin._ranges import BLOCK, merged, within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from w3pin._async_retrieved import AsyncContentReader
    from w3pin._models import FetchProgress, FolderEntry, Node

__all__ = ["IpfsFile", "IpfsFileSystem", "register"]

T = TypeVar("T")

TYPES = {
    "file": "file",
    "block": "file",
    "folder": "directory",
    "symlink": "link",
    "unavailable": "other",
}
MOST_KNOWN = 10_000
"""How many paths are remembered. What lies at one never changes."""
NO_CID = "a path on IPFS begins with a CID"
UNCHANGING = "content on IPFS never changes: it is opened for reading, as 'rb'"


def register() -> None:
    """Registers this package with fsspec for ``ipfs://``, in place of any other."""
    register_implementation("ipfs", IpfsFileSystem, clobber=True)


class IpfsFileSystem(AsyncFileSystem):  # type: ignore[misc]
    """A read-only file system for content on IPFS.

    A path is a CID, with or without a path below it: ``ipfs://CID/data/part-0.parquet``.
    ``FileNotFoundError`` means that the folders prove that nothing exists at the path. Content that
    no gateway has raises :class:`~w3pin.NotFoundError`, since it may well exist. Symbolic links are
    shown and aren't followed.

    >>> fs = IpfsFileSystem(gateways=[server.gateway])
    >>> fs.cat_file(pin.cid, start=1, end=3)
    b'el'

    Args:
        asynchronous: Whether its coroutines are awaited in the caller's own event loop.
        loop: The event loop that does the work otherwise; fsspec's own unless set.
        batch_size: How many calls to run at a time; fsspec's own number unless set.
        most_bytes: The most bytes of a file to read into memory as a whole; 256 MiB unless set.
        options: See :class:`~w3pin.RetrieverOptions`; fsspec's ``use_listings_cache``,
            ``listings_expiry_time`` and ``max_paths`` are accepted too.
    """

    protocol: str = "ipfs"
    root_marker: str = ""

    def __init__(
        self,
        *,
        asynchronous: bool = False,
        loop: Any = None,
        batch_size: int | None = None,
        most_bytes: int | None = None,
        **options: Any,
    ) -> None:
        names = ("use_listings_cache", "listings_expiry_time", "max_paths")
        listings = {name: options.pop(name) for name in names if name in options}
        super().__init__(asynchronous=asynchronous, loop=loop, batch_size=batch_size, **listings)
        self._retriever = AsyncRetriever(**options)
        self._most_bytes = most_bytes
        self._known: dict[str, dict[str, Any]] = {}

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in path]
        text = str(stringify_path(path))
        return text.removeprefix("ipfs://").removeprefix("/ipfs/").rstrip("/")

    async def _info(self, path: str, **_: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        if (known := self._known.get(path)) is not None:
            return known
        if not path:
            raise FileNotFoundError(NO_CID)
        return self._keep(_info(path, await _present(path, self._retriever.resolve(path))))

    def _keep(self, info: dict[str, Any]) -> dict[str, Any]:
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[info["name"]] = info
        return info

    async def _ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        path = self._strip_protocol(path)
        listing = self.dircache.get(path)
        if listing is None:
            info = await self._info(path)
            listing = [info]
            if info["type"] == "directory":
                async with self._retriever.list(info["cid"]) as entries:
                    listing = [_info(f"{path}/{entry.name}", entry) async for entry in entries]
            known = [self._keep(info) for info in listing if info["type"] != "other"]
            # What isn't available now may be when it is asked for again.
            if len(known) == len(listing):
                self.dircache[path] = listing
        return listing if detail else [info["name"] for info in listing]

    async def _cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **_: Any
    ) -> bytes:
        path = self._strip_protocol(path)
        info = self._known.get(path)
        if info is None and ((start or 0) < 0 or (end or 0) < 0):
            info = await self._info(path)
        cid = path
        if info is not None:
            if info["type"] == "directory":
                raise IsADirectoryError(path)
            cid, (start, end) = info["cid"], within(info["size"] or 0, start, end)
        elif not path:
            raise FileNotFoundError(NO_CID)
        if end is not None and end <= (start or 0):
            return b""
        most_bytes = self._most_bytes if end is None else end - (start or 0)
        reading = self._retriever.read(cid, start=start, end=end, most_bytes=most_bytes)
        try:
            return await _present(path, reading)
        except InvalidInputError as error:
            if error.field == "path" and await self._isdir(path):
                raise IsADirectoryError(path) from error
            if error.field == "start":
                return b""
            raise

    async def _cat_ranges(  # noqa: PLR0917 (the signature is fsspec's)
        self,
        paths: list[str],
        starts: Sequence[int | None] | int | None,
        ends: Sequence[int | None] | int | None,
        max_gap: int | None = None,
        batch_size: int | None = None,
        on_error: str = "return",
        **_: Any,
    ) -> list[bytes | Exception]:
        if not isinstance(paths, list):
            raise TypeError(f"paths takes a list, not {type(paths).__name__}")
        starts = starts if isinstance(starts, Iterable) else [starts] * len(paths)
        ends = ends if isinstance(ends, Iterable) else [ends] * len(paths)
        results: list[bytes | Exception] = [b""] * len(paths)
        ranges: dict[str, list[tuple[int, int, int]]] = {}
        for place, (path, start, end) in enumerate(zip(paths, starts, ends, strict=True)):
            try:
                first, last = await self._bounds(path, start, end)
            except Exception as error:
                results[place] = error
            else:
                ranges.setdefault(path, []).append((first, last, place))
        spans: list[tuple[str, int, int, list[tuple[int, int, int]]]] = [
            (path, first, last, [of_path[at] for at in members])
            for path, of_path in ranges.items()
            for first, last, members in merged(
                [(first, last) for first, last, _ in of_path],
                BLOCK - 1 if max_gap is None else max_gap,
            )
        ]
        found = await _run_coros_in_chunks(
            [self._cat_file(path, first, last) for path, first, last, _ in spans],
            batch_size=batch_size or self.batch_size,
            nofiles=True,
            return_exceptions=True,
        )
        for (*_where, begin, _end, members), span in zip(spans, found, strict=True):
            for first, last, place in members:
                part = span if isinstance(span, Exception) else span[first - begin : last - begin]
                results[place] = part
        if on_error == "raise":
            for result in results:
                if isinstance(result, Exception):
                    raise result
        return results

    async def _bounds(self, path: str, start: int | None, end: int | None) -> tuple[int, int]:
        if end is None or end < 0 or (start or 0) < 0:
            return within((await self._info(path))["size"] or 0, start, end)
        return start or 0, max(start or 0, end)

    async def _get_file(
        self, rpath: str, lpath: Any, callback: Any = DEFAULT_CALLBACK, **_: Any
    ) -> None:
        info = await self._info(rpath)
        if info["type"] == "directory":
            os.makedirs(lpath, exist_ok=True)
            return
        callback.set_size(info["size"])
        if isfilelike(lpath):
            async with self._retriever.stream(info["cid"]) as pieces:
                async for piece in pieces:
                    lpath.write(piece)
                    callback.relative_update(len(piece))
            return

        def tell(progress: FetchProgress) -> None:
            callback.absolute_update(progress.bytes)

        await self._retriever.fetch(info["cid"], lpath, overwrite=True, on_progress=tell)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_type: str = BlockCache.name,
        **options: Any,
    ) -> IpfsFile:
        if mode != "rb":
            raise NotImplementedError(UNCHANGING)
        return IpfsFile(self, path, mode, block_size, autocommit, cache_type, **options)

    async def open_async(self, path: str, mode: str = "rb", **_: Any) -> AsyncContentReader:
        """Opens a file to read from any place in it by awaiting."""
        if mode != "rb":
            raise NotImplementedError(UNCHANGING)
        info = await self._info(path)
        if info["type"] == "directory":
            raise IsADirectoryError(info["name"])
        return await self._retriever.open(info["cid"])

    async def _mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        raise NotImplementedError(UNCHANGING)

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        raise NotImplementedError(UNCHANGING)

    def modified(self, path: str) -> datetime:
        """The beginning of time for every path, as content never changes; some readers ask."""
        return datetime.fromtimestamp(0, timezone.utc)

    def ukey(self, path: str) -> str:
        """The CID of what lies at a path, which names this content and no other."""
        cid: str = self.info(path)["cid"]
        return cid


class IpfsFile(AbstractBufferedFile):  # type: ignore[misc]
    """A file of :class:`IpfsFileSystem`. Of what it fetches, it keeps the last 8 MiB."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.details["type"] == "directory":
            raise IsADirectoryError(self.path)

    def _fetch_range(self, start: int, end: int) -> bytes:
        found: bytes = self.fs.cat_file(self.path, start=start, end=end)
        return found


def _info(name: str, what: Node | FolderEntry) -> dict[str, Any]:
    info = {"name": name, "size": what.size, "type": TYPES[what.kind], "cid": what.cid}
    if what.kind == "symlink":
        info |= {"islink": True, "destination": what.target}
    return info


async def _present(path: str, reading: Awaitable[T]) -> T:
    """What is there. A refusal of a gateway has a status and proves nothing."""
    try:
        return await reading
    except NotFoundError as error:
        if error.status is None:
            raise FileNotFoundError(path) from error
        raise
