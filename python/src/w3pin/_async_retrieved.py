"""What is read back with asyncio: streams, files and folders."""

from __future__ import annotations

from w3pin._position import moved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from typing_extensions import Self

    from w3pin._errors import PinningError
    from w3pin._event_loop import EventLoop
    from w3pin._models import FolderEntry
    from w3pin._native import ContentPieces, EntryGroups, OpenFile

__all__ = ["AsyncContentReader", "AsyncContentStream", "AsyncFolderEntries"]


class AsyncContentStream:
    """An async iterator over the bytes of a file, each piece of which is verified before it is
    returned.

    Cancelling the task that awaits a piece ends the stream and closes its connection.
    """

    __slots__ = ("__weakref__", "_loop", "_pieces")

    def __init__(self, pieces: ContentPieces, loop: EventLoop) -> None:
        self._pieces = pieces
        self._loop = loop

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._loop.run(self._pieces.next())
        except BaseException:
            self._pieces.close()
            raise
        if piece is None:
            self._pieces.close()
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Stops reading. The stream ends."""
        self._pieces.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class AsyncContentReader:
    """A file with async methods, every byte of which is verified before it is returned.

    It has the methods of an aiofiles file. Only one task may use it at a time.
    """

    __slots__ = ("__weakref__", "_closed", "_file", "_loop", "_position")

    def __init__(self, file: OpenFile, loop: EventLoop) -> None:
        self._file = file
        self._loop = loop
        self._position = 0
        self._closed = False

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return self._file.size

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closed

    async def read(self, size: int | None = -1, /) -> bytes:
        """Reads ``size`` bytes, fewer only at the end of the file, or all that are left."""
        self._check()
        position = self._position
        left = max(self.size - position, 0)
        if size is not None and size >= 0:
            left = min(left, size)
        pieces = []
        while left:
            try:
                piece = await self._loop.run(self._file.read(position, left))
            except BaseException:
                # The file may be kept, and no call was under way where a piece had just come.
                self._file.stop()
                raise
            if not piece:
                break
            pieces.append(piece)
            position += len(piece)
            left -= len(piece)
        self._position = position
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def seek(self, offset: int, whence: int = 0, /) -> int:
        """Moves to a position in the file and returns it."""
        self._check()
        self._position = moved(self._position, self.size, offset, whence)
        return self._position

    async def tell(self) -> int:
        """The position of the next byte to read."""
        self._check()
        return self._position

    async def close(self) -> None:
        """Closes it and its connection."""
        self._closed = True
        self._file.close()

    def _check(self) -> None:
        if self._closed:
            raise ValueError("the file is closed")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncFolderEntries:
    """An async iterator over the entries of a folder, in the order of its blocks."""

    __slots__ = ("__weakref__", "_group", "_groups", "_loop")

    def __init__(self, groups: EntryGroups, loop: EventLoop) -> None:
        self._groups = groups
        self._loop = loop
        self._group: Iterator[FolderEntry | PinningError] = iter(())

    def __aiter__(self) -> AsyncIterator[FolderEntry]:
        return self

    async def __anext__(self) -> FolderEntry:
        for entry in self._group:
            if isinstance(entry, Exception):
                await self.aclose()
                raise entry
            return entry
        try:
            group = await self._loop.run(self._groups.next())
        except BaseException:
            self._groups.close()
            raise
        if group is None:
            raise StopAsyncIteration
        self._group = iter(group)
        return await anext(self)

    async def aclose(self) -> None:
        """Stops reading. The iterator ends."""
        self._group = iter(())
        self._groups.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
