"""What arguments may be, for type checkers alone: nothing imports this at run time."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from datetime import timedelta
from os import PathLike
from typing import Literal, Protocol, TypeAlias

from w3pin._models import Progress

BytesLike: TypeAlias = "bytes | bytearray | memoryview"
Filter: TypeAlias = Literal["all", "pinned", "unpinned"]
LinksOfContent: TypeAlias = Literal["refuse", "follow", "skip", "preserve"]
OnProgress: TypeAlias = "Callable[[Progress], object]"
Seconds: TypeAlias = "float | timedelta"
SortBy: TypeAlias = Literal["created_at", "size", "name"]
SortOrder: TypeAlias = Literal["asc", "desc"]
StrPath: TypeAlias = "str | PathLike[str]"
Symlinks: TypeAlias = Literal["refuse", "follow", "skip"]
Verify: TypeAlias = Literal["off", "report", "require"]


class BinaryReader(Protocol):
    """A file that was opened in binary mode, a pipe, or what reads like one."""

    def read(self, size: int, /) -> bytes | None:
        """At most that many bytes; none at its end."""


Source: TypeAlias = "BinaryReader | Iterable[BytesLike]"
AsyncSource: TypeAlias = "Source | AsyncIterable[BytesLike]"
