"""CIDs of local content, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w3pin import _native
from w3pin._content import to_bytes

if TYPE_CHECKING:
    from w3pin._models import Root
    from w3pin._types import BytesLike, LinksOfContent, StrPath

__all__ = ["compute_cid", "compute_cid_of_bytes"]


def compute_cid(
    path: StrPath,
    *,
    profile: str | None = None,
    hidden: bool = False,
    symlinks: LinksOfContent = "preserve",
) -> Root:
    """Computes the CID that the file or folder at ``path`` has, offline.

    A folder's own name doesn't count; empty folders in it do, though an upload leaves them out.
    With asyncio, call it by ``asyncio.to_thread``.

    >>> compute_cid("report.txt").cid
    'bafkreigubnrixl37ovyut5nw23lkziyx2r4o6orjimygjuq47xig7mz3ru'

    Args:
        path: The file or folder.
        profile: How content is laid out: ``kubo-cidv1-legacy`` unless given, ``unixfs-v0-2015`` or
            ``unixfs-v1-2025``.
        hidden: Whether files and folders whose names begin with a dot count.
        symlinks: What becomes of symbolic links in the folder: they stay links, ``refuse`` makes
            one an error, ``follow`` takes what they point to, ``skip`` leaves them out.

    Raises:
        LocalIoError: Something can't be read.
        InvalidInputError: UnixFS can't hold it.
    """
    call = _native.compute_cid(path, profile=profile, hidden=hidden, symlinks=symlinks)
    return call.wait()


def compute_cid_of_bytes(data: BytesLike, *, profile: str | None = None) -> Root:
    """Computes the CID that a file of these bytes has.

    >>> compute_cid_of_bytes(b"hello world", profile="unixfs-v0-2015").cid
    'Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD'
    """
    return _native.compute_cid_of_bytes(to_bytes(data), profile=profile).wait()
