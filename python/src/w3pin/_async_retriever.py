"""The retriever for asyncio."""

from __future__ import annotations

from w3pin._async_retrieved import AsyncContentReader, AsyncContentStream, AsyncFolderEntries
from w3pin._event_loop import EventLoop
from w3pin._retriever import RetrieverConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from w3pin._models import Fetched, Node
    from w3pin._native import NativeRetriever
    from w3pin._options import FetchOptions, ReadOptions, RetrieverOptions
    from w3pin._types import StrPath

__all__ = ["AsyncRetriever"]


class AsyncRetriever(RetrieverConnection):
    """Reads content back from gateways and verifies every byte against its CID before returning it.

    Its calls are coroutines of asyncio. Cancelling a task stops the transfer that it awaits.

    >>> async def main() -> None:
    ...     async with AsyncRetriever(gateways=[server.gateway]) as retriever:
    ...         async for piece in retriever.stream(pin.cid):
    ...             print(piece)
    >>> asyncio.run(main())
    b'hello'

    Gateways that aren't set are taken from the environment (``W3PIN_GATEWAYS``) or the config
    file; the default is a public one.

    Args:
        options: See :class:`RetrieverOptions`.

    Raises:
        InvalidInputError: A setting can't be used.
    """

    __slots__ = ("_loop",)

    def __init__(self, **options: Unpack[RetrieverOptions]) -> None:
        super().__init__(**options)
        self._loop = EventLoop("AsyncRetriever")

    @classmethod
    def _over(cls, native: NativeRetriever) -> Self:
        retriever = super()._over(native)
        retriever._loop = EventLoop("AsyncRetriever")
        return retriever

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def resolve(self, path: str) -> Node:
        """Resolves a path to a file, a folder or a symbolic link.

        Args:
            path: A CID, optionally followed by a path. ``ipfs://CID``, ``/ipfs/CID`` and the URL of
                a gateway are accepted, too.
        """
        return await self._loop.run(self._native.resolve(path))

    async def read(self, path: str, **options: Unpack[ReadOptions]) -> bytes:
        """Reads a file, or a range of it, into memory.

        Args:
            path: A CID, optionally followed by a path.
            options: See :class:`ReadOptions`.
        """
        return await self._loop.run(self._native.read(path, options))

    def stream(self, path: str, **options: Unpack[ReadOptions]) -> AsyncContentStream:
        """Streams a file, or a range of it.

        Args:
            path: A CID, optionally followed by a path.
            options: See :class:`ReadOptions`.
        """
        return AsyncContentStream(self._native.stream(path, options), self._loop)

    async def open(self, path: str) -> AsyncContentReader:
        """Opens a file for random access.

        Args:
            path: A CID, optionally followed by a path.
        """
        return AsyncContentReader(await self._loop.run(self._native.open(path)), self._loop)

    def list(self, path: str) -> AsyncFolderEntries:
        """Lists the entries of a folder.

        Args:
            path: A CID, optionally followed by a path.
        """
        return AsyncFolderEntries(self._native.list(path), self._loop)

    async def fetch(
        self, path: str, destination: StrPath, **options: Unpack[FetchOptions]
    ) -> Fetched:
        """Writes a file or folder to disk.

        A file gets its final name once it is complete. Content that is already on disk is compared
        by its
        digests, and only what is missing is fetched; call it again to resume after an interruption.

        Args:
            path: A CID, optionally followed by a path.
            destination: The path of the file or folder to write.
            options: See :class:`FetchOptions`.
        """
        return await self._loop.run(self._native.fetch(path, destination, options))
