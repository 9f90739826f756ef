"""What calls answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from w3pin._native import Pin

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Page", "Pin", "Progress", "Proof", "Root", "Totals", "Verification"]


@dataclass(frozen=True)
class Verification:
    """What is proved of a pin.

    >>> Verification("verified", profile="kubo-cidv1-legacy").is_verified
    True
    """

    result: Literal["unchecked", "verified", "mismatch", "unproved"]
    """Whether the service's CID is that of the bytes that were sent.

    ``unchecked``: no CID was computed. ``verified``: it is. ``mismatch``: the service pinned
    something else. ``unproved``: no known profile gives that CID, which may be the same content in
    another layout.
    """
    profile: str | None = None
    """The profile that proved it."""
    computed_cid: str | None = None
    """The CID of the bytes that were sent, where it isn't the service's."""

    @property
    def is_verified(self) -> bool:
        """Whether the service's CID is that of the bytes that were sent."""
        return self.result == "verified"

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True)
class Totals:
    """Sums over all pages of a listing, as the service counts them."""

    files: int | None = None
    """Number of pins."""
    size: int | None = None
    """Bytes that the service accounts for."""

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True)
class Page:
    """A page of pins.

    >>> page = Page((Pin(id="1", cid="bafkqaaa", name="empty"),), Totals(files=1))
    >>> len(page), [pin.name for pin in page]
    (1, ['empty'])
    """

    pins: tuple[Pin, ...]
    """The pins, in the order asked for."""
    totals: Totals
    """What the service counts over all pages."""

    def __iter__(self) -> Iterator[Pin]:
        return iter(self.pins)

    def __len__(self) -> int:
        return len(self.pins)

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them."""
        pins = [pin.to_dict() for pin in self.pins]
        return {"pins": pins, "totals": self.totals.to_dict()}


@dataclass(frozen=True)
class Progress:
    """How far an upload is.

    >>> Progress(bytes_sent=512, bytes_total=2048).fraction
    0.25
    """

    bytes_sent: int
    """Bytes of content that were given to the connection. It never falls."""
    bytes_total: int | None = None
    """Bytes of content in all, where that is known."""
    file: str | None = None
    """The file being sent, as the service gets to know it."""

    @property
    def fraction(self) -> float | None:
        """How much of it is sent, from 0 to 1, where that is known."""
        return self.bytes_sent / self.bytes_total if self.bytes_total else None

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True)
class Root:
    """The root of local content.

    >>> Root("bafkqaaa", size=0, dag_size=0).to_dict()
    {'cid': 'bafkqaaa', 'size': 0, 'dag_size': 0}
    """

    cid: str
    """The root's CID."""
    size: int
    """Bytes of content."""
    dag_size: int
    """Bytes of all blocks, one that is linked twice counted twice."""

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True)
class Proof:
    """A finished proof that a DAG is given content, and what it took.

    >>> Proof(files=1, bytes=5, blocks_fetched=0).to_dict()
    {'files': 1, 'bytes': 5, 'blocks_fetched': 0}
    """

    files: int
    """Files that were compared."""
    bytes: int
    """Bytes of their content, every one covered by a digest that was checked."""
    blocks_fetched: int
    """Blocks that were fetched: those with links and not with content, as a rule."""

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them."""
        return asdict(self)
