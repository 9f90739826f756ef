"""What arguments may be, for type checkers: clients import nothing of this at run time."""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    ValuesView,
)
from collections.abc import Set as AbstractSet
from datetime import timedelta
from os import PathLike
from pathlib import PurePath
from typing import Literal, Protocol, TypeAlias, TypeVar

from w3pin._models import FetchProgress, Progress

T_co = TypeVar("T_co", covariant=True)
K_co = TypeVar("K_co", covariant=True)

BytesLike: TypeAlias = "bytes | bytearray | memoryview"
FetchSymlinks: TypeAlias = Literal["inside", "all", "skip"]
KeyValues: TypeAlias = "Mapping[str, str]"
OnFetchProgress: TypeAlias = "Callable[[FetchProgress], object]"
OnProgress: TypeAlias = "Callable[[Progress], object]"
Profile: TypeAlias = Literal["kubo-cidv1-legacy", "unixfs-v0-2015", "unixfs-v1-2025"] | str
RateLimit: TypeAlias = int | Literal["unlimited"]
Seconds: TypeAlias = "float | timedelta"
"""A time in seconds, or as a ``timedelta``. ``math.inf`` means no limit."""
SortBy: TypeAlias = Literal["created_at", "size", "name"]
SortOrder: TypeAlias = Literal["asc", "desc"]
StrPath: TypeAlias = "str | PathLike[str]"
Symlinks: TypeAlias = Literal["refuse", "follow", "skip", "preserve"]
Pinned: TypeAlias = Literal["all", "pinned", "unpinned"]
Verify: TypeAlias = Literal["off", "report", "require"]


class SequenceNotText(Protocol[T_co]):
    """A list, a tuple and the like, but no ``str`` and no ``bytes``."""

    def __contains__(self, value: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...
    def __reversed__(self) -> Iterator[T_co]: ...
    def __getitem__(self, index: int, /) -> T_co: ...


Collection: TypeAlias = (
    "SequenceNotText[T_co] | AbstractSet[T_co] | ValuesView[T_co] | Iterator[T_co]"
)
"""Some of a thing. A single text isn't some texts, though Python can go through its letters."""


class SupportsItems(Protocol[K_co, T_co]):
    """A mapping, whatever its keys may be asked for."""

    def items(self) -> AbstractSet[tuple[K_co, T_co]]:
        """Its pairs."""


Files: TypeAlias = "SupportsItems[str | PurePath, BytesLike]"
Folder: TypeAlias = "StrPath | Files"
Content: TypeAlias = "StrPath | BytesLike | Files"


class BinaryReader(Protocol):
    """A file that was opened in binary mode, a pipe, or what reads like one."""

    def read(self, size: int, /) -> bytes | None:
        """At most that many bytes; none at its end."""


class AsyncBinaryReader(Protocol):
    """What is read by awaiting, as an ``UploadFile`` or an ``asyncio.StreamReader``."""

    def read(self, size: int, /) -> Awaitable[bytes]:
        """At most that many bytes; none at its end."""


Stream: TypeAlias = "BinaryReader | Iterable[BytesLike]"
AsyncStream: TypeAlias = "Stream | AsyncBinaryReader | AsyncIterable[BytesLike]"
