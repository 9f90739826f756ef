"""What calls give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from w3pin._data import Data
from w3pin._errors import PinningError
from w3pin._pin import Pin

__all__ = [
    "Completed",
    "FetchProgress",
    "Fetched",
    "FolderEntry",
    "Node",
    "PackedCar",
    "Page",
    "PreparedUpload",
    "PreviewedFile",
    "Progress",
    "Proof",
    "Root",
    "Synced",
    "Totals",
    "UnreadablePin",
    "UploadPreview",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Totals(Data):
    """Totals over all pages of a listing."""

    files: int | None = None
    """The number of pins."""
    size: int | None = None
    """The size in bytes, as the service accounts for it."""


@dataclass(frozen=True)
class UnreadablePin(Data):
    """An entry of a listing that can't be read as a pin."""

    position: int
    """Its position in the listing, counted from 0."""
    id: str | None
    """Its id, if it can be read."""
    reason: str
    """Why it can't be read."""


@dataclass(frozen=True)
class Page(Data):
    """A page of pins.

    >>> page = Page((Pin(id="1", cid="bafkqaaa", name="empty"),), Totals(files=1))
    >>> len(page), page[0].name, [pin.name for pin in page]
    (1, 'empty', ['empty'])
    """

    pins: tuple[Pin, ...]
    """The pins, in the requested order."""
    totals: Totals = Totals()
    """Totals over all pages."""
    unreadable: tuple[UnreadablePin, ...] = ()
    """Entries that can't be read as pins."""

    def __post_init__(self) -> None:
        def made(item: Any, of: type[Any]) -> Any:
            return of(**item) if isinstance(item, Mapping) else item

        pins = tuple(made(item, Pin) for item in self.pins)
        unreadable = tuple(made(item, UnreadablePin) for item in self.unreadable)
        object.__setattr__(self, "pins", pins)
        object.__setattr__(self, "totals", made(self.totals, Totals))
        object.__setattr__(self, "unreadable", unreadable)

    def __getitem__(self, index: int) -> Pin:
        return self.pins[index]

    def __iter__(self) -> Iterator[Pin]:
        return iter(self.pins)

    def __len__(self) -> int:
        return len(self.pins)

    def _repr_html_(self) -> str:
        from w3pin._html import page_table

        return page_table(self)


@dataclass(frozen=True)
class Completed(Generic[T]):
    """A completed call of a batch."""

    index: int
    """The index of the item, counted from 0."""
    result: T | PinningError
    """The result or the error."""


@dataclass(frozen=True)
class Progress(Data):
    """The progress of an upload, or of all uploads of a batch together.

    >>> Progress(bytes_sent=512, bytes_total=2048).fraction
    0.25
    """

    bytes_sent: int
    """The bytes of content sent so far; never decreases."""
    bytes_total: int | None = None
    """The total bytes of content, if known."""
    file: str | None = None
    """The file being sent."""
    items_done: int = 0
    """The items of a batch that have completed or failed."""
    items_total: int = 1
    """The number of items in a batch; 1 for a single upload."""

    @property
    def fraction(self) -> float | None:
        """The part that has been sent, from 0 to 1, if known."""
        return self.bytes_sent / self.bytes_total if self.bytes_total else None


_KEPT: dict[str, type[Any]] = {
    "method": str,
    "url": str,
    "body": str,
    "content_length": int,
    "cid": str,
    "upload": dict,
}
"""What is kept of a prepared upload."""


def _of_type(of: type[Any], value: Any) -> Any:
    # True is an int too, and the one number is a count of bytes.
    if not isinstance(value, of) or isinstance(value, bool) or (of is int and value < 0):
        raise TypeError(f"{value!r} is no {of.__name__}")
    return value


@dataclass(frozen=True)
class PreparedUpload:
    """A request to be sent by another HTTP stack, and what is needed to check its response."""

    method: str
    """The HTTP method, POST."""
    url: str
    """The URL to send it to."""
    headers: Mapping[str, str] = field(repr=False, hash=False)
    """The headers to send, which include the account's keys."""
    body: str
    """The path of the file to send as the body."""
    content_length: int
    """The length of the body in bytes."""
    cid: str
    """The CID that the service is expected to return."""
    _kept: str = field(repr=False)

    def to_json(self) -> str:
        """Returns everything except the headers, to store until the response arrives, even in
        another process.
        """
        return self._kept

    @classmethod
    def from_json(cls, text: str) -> PreparedUpload:
        """Restores an upload from the result of :meth:`to_json`. It has no headers and so no
        keys.
        """
        import json

        from w3pin._errors import InvalidInputError

        if not isinstance(text, str):
            raise TypeError(f"text takes a str, not {type(text).__name__}")
        try:
            kept = json.loads(text)
            own = [_of_type(of, kept[name]) for name, of in _KEPT.items()]
        except (ValueError, LookupError, TypeError, RecursionError) as cause:
            message = "the text isn't that of a prepared upload"
            raise InvalidInputError(message, field="text") from cause
        method, url, body, content_length, cid, _ = own
        return cls(method, url, {}, body, content_length, cid, text)

    def __reduce__(self) -> tuple[object, ...]:
        return (PreparedUpload.from_json, (self._kept,))


@dataclass(frozen=True)
class PreviewedFile(Data):
    """A file that would be sent."""

    name: str
    """The name sent to the service."""
    size: int
    """The bytes of content."""


@dataclass(frozen=True)
class UploadPreview(Data):
    """What an upload would send."""

    cid: str
    """The CID of the root."""
    size: int
    """The bytes of content."""
    files: tuple[PreviewedFile, ...]
    """The files, in the order in which they are sent."""


@dataclass(frozen=True)
class Root(Data):
    """The root of local content."""

    cid: str
    """The CID of the root."""
    size: int
    """The bytes of content."""
    dag_size: int
    """The bytes of all blocks; a block that is linked twice counts twice."""


@dataclass(frozen=True)
class PackedCar(Data):
    """A packed CAR file."""

    cid: str
    """The CID of the root."""
    blocks: int
    """The number of distinct blocks."""
    bytes: int
    """The size of the CAR in bytes."""


@dataclass(frozen=True)
class Proof(Data):
    """The result of a proof."""

    files: int
    """The number of files compared."""
    bytes: int
    """The bytes of content compared, each covered by a verified digest."""
    blocks_fetched: int
    """The number of blocks fetched."""


@dataclass(frozen=True)
class Node(Data):
    """The target of a path."""

    cid: str
    """Its CID."""
    kind: Literal["file", "folder", "symlink", "block"]
    """The kind of the node.

    ``file``: a file. ``folder``: a folder. ``symlink``: a symbolic link. ``block``: a block of a
    format that isn't a file, such as DAG-CBOR, which is read as raw bytes.
    """
    size: int | None = None
    """The bytes of a file's content."""
    target: str | None = None
    """Where a symbolic link points."""


@dataclass(frozen=True)
class FolderEntry(Data):
    """An entry of a folder."""

    name: str
    """The name. It is chosen by the creator of the folder: it is never empty, ``.`` or ``..`` and
    contains no ``/``, but may contain anything else.
    """
    cid: str
    """Its CID."""
    kind: Literal["file", "folder", "symlink", "block", "unavailable"]
    """The kind of the node. The words are those of :class:`Node`, and ``unavailable``: no gateway
    has its
    block, which determines its kind.
    """
    size: int | None = None
    """The bytes of a file's content."""
    target: str | None = None
    """Where a symbolic link points."""


@dataclass(frozen=True)
class Fetched(Data):
    """The result of a fetch."""

    cid: str
    """The CID of the fetched content."""
    files: int
    """The files."""
    bytes: int
    """The bytes of content. Every one is covered by a digest that was checked."""
    bytes_fetched: int
    """The bytes of content fetched from gateways. The others were there before."""


@dataclass(frozen=True)
class Synced(Data):
    """What a sync has done or, in a dry run, would do."""

    outcome: Literal["unchanged", "pinned"]
    """Whether the content was uploaded.

    ``unchanged``: The newest deploy has this content, and nothing was sent. ``pinned``: The content
    was sent and pinned.
    """
    cid: str
    """The CID to publish: that of the pin, or of the local content in a dry run."""
    contenthash: str
    """The contenthash (EIP-1577) of an ENS name for this CID."""
    dnslink: str
    """The DNSLink record for this CID."""
    pin: Pin | None
    """The pin of the content; absent if a dry run would create it."""
    removed: tuple[str, ...]
    """The ids of the deploys that were removed."""
    kept: tuple[Pin, ...]
    """The deploys that stay pinned, newest first."""
    postponed: tuple[str, ...]
    """The ids of older deploys that are left for the next sync to remove."""


@dataclass(frozen=True)
class FetchProgress(Data):
    """The progress of a fetch.

    >>> FetchProgress(bytes=512, bytes_total=2048).fraction
    0.25
    """

    bytes: int
    """The bytes of content on disk. Those that were there before count too."""
    bytes_total: int | None = None
    """The total bytes of content, when a single file is fetched."""
    files: int = 0
    """The number of complete files."""

    @property
    def fraction(self) -> float | None:
        """The part that is on disk, from 0 to 1, if known."""
        return self.bytes / self.bytes_total if self.bytes_total else None
