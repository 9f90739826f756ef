"""Pins, apart from other results, since most programs need no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from w3pin._data import Data

__all__ = ["Pin", "Verification"]


@dataclass(frozen=True)
class Verification(Data):
    """What was proved about a pin's content.

    >>> Verification("verified", profile="kubo-cidv1-legacy").is_verified
    True
    """

    result: Literal["unchecked", "verified", "mismatch", "unproved"]
    """``verified``, ``mismatch``, ``unproved`` or ``unchecked``.

    ``verified``: the service's CID is that of the bytes that were sent. ``mismatch``: the service
    pinned something else. ``unproved``: no known profile gives that CID, which may be the same
    content in another layout. ``unchecked``: no CID was computed.
    """
    profile: str | None = None
    """The UnixFS profile that proved it."""
    computed_cid: str | None = None
    """The CID of the bytes that were sent, if it differs from the service's."""

    @property
    def is_verified(self) -> bool:
        """Whether the service's CID is that of the bytes that were sent."""
        return self.result == "verified"


@dataclass(frozen=True)
class Pin(Data):
    """Content that the service keeps, or is asked to keep, for the account.

    Fields that the service leaves out, or fills with zeros, are ``None``.

    >>> Pin(**pin.to_dict()) == pin
    True
    >>> Pin(**json.loads(pin.to_json())) == pin
    True
    """

    id: str
    """The pin's id."""
    cid: str
    """The CID of the content's root, as the service returned it."""
    name: str | None = None
    """The name shown in listings."""
    size: int | None = None
    """The size in bytes, as the service accounts for it, which isn't the file's length."""
    status: str = ""
    """The state of the pin: ``PENDING``, ``RETRIEVAL``, ``DONE``, or another value of the service.
    """
    pinned: bool = False
    """Whether the content is currently pinned."""
    is_pin_by_hash: bool = field(default=False, repr=False)
    """Whether the content was pinned by its CID rather than uploaded."""
    is_dir: bool = field(default=False, repr=False)
    """Whether the content is a folder."""
    date_pinned: datetime | None = field(default=None, repr=False)
    """When the content was pinned. It is in UTC."""
    date_unpinned: datetime | None = field(default=None, repr=False)
    """When the content was unpinned. It is in UTC."""
    keyvalues: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """The caller's own key-values."""
    file_type: str | None = field(default=None, repr=False)
    """The type of file that the service detected."""
    sub_hash_status: str | None = field(default=None, repr=False)
    """The state of the blocks below the root."""
    file_record_id: str | None = field(default=None, repr=False)
    """The id of the service's record of the content."""
    root_hash: str | None = field(default=None, repr=False)
    """The service's own hash of the content, which isn't always that of the CID."""
    user_id: str | None = field(default=None, repr=False)
    """The id of the account."""
    already_pinned: bool = False
    """Whether the pin existed before the call that returned it."""
    verification: Verification = Verification("unchecked")
    """What the call that returned the pin proved about the content."""

    def __post_init__(self) -> None:
        if isinstance(self.verification, Mapping):
            object.__setattr__(self, "verification", Verification(**self.verification))
        for name in ("date_pinned", "date_unpinned"):
            if isinstance(date := getattr(self, name), str):
                object.__setattr__(self, name, datetime.fromisoformat(date.replace("Z", "+00:00")))

    @property
    def ipfs_url(self) -> str:
        """The content's IPFS URL, ``ipfs://CID``."""
        from w3pin._native import ipfs_url

        return ipfs_url(self.cid)

    def gateway_url(self, gateway: str) -> str:
        """The content's URL at a gateway, for a browser.

        >>> pin.gateway_url("https://ipfs.io")
        'https://ipfs.io/ipfs/bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'

        Args:
            gateway: The gateway's URL.
        """
        from w3pin._native import gateway_url

        return gateway_url(self.cid, gateway)

    def _repr_html_(self) -> str:
        from w3pin._html import pin_table

        return pin_table(self)
