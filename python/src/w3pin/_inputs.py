"""Values that calls take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from w3pin._types import KeyValues, Seconds, StrPath

__all__ = ["CidItem", "FileItem", "RetryPolicy"]


@dataclass(frozen=True)
class RetryPolicy:
    """The retry policy of calls, and how long to wait before each attempt.

    Times are in seconds, or a ``timedelta``.

    >>> patient = RetryPolicy(attempts=8, budget=600)
    """

    attempts: int | None = None
    """The maximum number of attempts, at least 1. Five times unless set."""
    base_delay: Seconds | None = None
    """The longest delay before the second attempt, which doubles with each further one; half a
    second unless set.
    """
    max_delay: Seconds | None = None
    """The longest delay before any attempt; 30 seconds unless set."""
    budget: Seconds | None = None
    """How long after the start of the call a new attempt may begin; 2 minutes unless set."""


@dataclass(frozen=True)
class FileItem:
    """A file or folder of a batch, with a name and key-values of its own.

    >>> pins = client.pin_files([FileItem("report.txt", name="Report #1"), "site"])
    >>> [pin.name for pin in pins]
    ['Report #1', 'site']
    """

    path: StrPath
    """The path of the file or folder."""
    name: str | None = None
    """The name of its pin, in place of the one for all."""
    keyvalues: KeyValues | None = None
    """Key-values of its pin, beside those for all."""


@dataclass(frozen=True)
class CidItem:
    """A CID of a batch, with a name and key-values of its own.

    >>> [pin] = client.pin_cids([CidItem("bafkqaaa", name="nothing")])
    >>> pin.name
    'nothing'
    """

    cid: str
    """The CID."""
    name: str | None = None
    """The name of its pin, in place of the one for all."""
    keyvalues: KeyValues | None = None
    """Key-values of its pin, beside those for all."""
