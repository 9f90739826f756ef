"""What is read back: streams, files and folders."""

from __future__ import annotations

import io

from w3pin._position import moved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer, Self

    from w3pin._errors import PinningError
    from w3pin._models import FolderEntry
    from w3pin._native import ContentPieces, EntryGroups, OpenFile

__all__ = ["ContentReader", "ContentStream", "FolderEntries"]


class ContentStream:
    """An iterator over the bytes of a file, each piece of which is verified before it is returned.

    After an error it ends. Its connection is closed at its end, by :meth:`close`, and when it is
    garbage collected.
    """

    __slots__ = ("__weakref__", "_pieces")

    def __init__(self, pieces: ContentPieces) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = self._pieces.next().wait()
        except BaseException:
            self.close()
            raise
        if piece is None:
            self.close()
            raise StopIteration
        return piece

    def close(self) -> None:
        """Stops reading. The stream ends."""
        self._pieces.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ContentReader(io.RawIOBase):
    """A file opened in binary mode, every byte of which is verified before it is returned.

    The first read at a position requests up to 1 MiB, and each further sequential one twice as
    much, so ``io.BufferedReader`` is only needed for its other methods, such as ``peek``.

    As with other files, only one thread may use it at a time.
    """

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._position = 0

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return self._file.size

    def readable(self) -> bool:
        """It is."""
        self._check()
        return True

    def seekable(self) -> bool:
        """It is."""
        self._check()
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves to a position in the file and returns it."""
        self._check()
        self._position = moved(self._position, self.size, offset, whence)
        return self._position

    def tell(self) -> int:
        """The position of the next byte to read."""
        self._check()
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads ``size`` bytes, fewer only at the end of the file, or all that are left."""
        self._check()
        position = self._position
        left = max(self.size - position, 0)
        if size is not None and size >= 0:
            left = min(left, size)
        pieces = []
        while left:
            piece = self._file.read(position, left).wait()
            if not piece:
                break
            pieces.append(piece)
            position += len(piece)
            left -= len(piece)
        self._position = position
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readall(self) -> bytes:
        """All bytes that are left."""
        return self.read()

    def readinto(self, buffer: Buffer, /) -> int:
        """Reads into a buffer and returns the number of bytes."""
        self._check()
        with memoryview(buffer) as view, view.cast("B") as room:
            left = max(self.size - self._position, 0)
            piece = self._file.read(self._position, len(room)).wait() if left and room else b""
            room[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def write(self, data: Buffer, /) -> int:
        """Content never changes, so this raises ``io.UnsupportedOperation``."""
        self._check()
        raise io.UnsupportedOperation("content on IPFS never changes")

    def close(self) -> None:
        """Closes it and its connection."""
        if not self.closed:
            self._file.close()
        super().close()

    def _check(self) -> None:
        if self.closed:
            raise ValueError("the file is closed")


class FolderEntries:
    """An iterator over the entries of a folder.

    They are in the order of its blocks: by name in a small folder, and by the hashes of the
    names in a sharded one. After an error it ends.
    """

    __slots__ = ("__weakref__", "_group", "_groups")

    def __init__(self, groups: EntryGroups) -> None:
        self._groups = groups
        self._group: Iterator[FolderEntry | PinningError] = iter(())

    def __iter__(self) -> Iterator[FolderEntry]:
        return self

    def __next__(self) -> FolderEntry:
        for entry in self._group:
            if isinstance(entry, Exception):
                self.close()
                raise entry
            return entry
        try:
            group = self._groups.next().wait()
        except BaseException:
            self.close()
            raise
        if group is None:
            raise StopIteration
        self._group = iter(group)
        return next(self)

    def close(self) -> None:
        """Stops reading. The iterator ends."""
        self._group = iter(())
        self._groups.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
