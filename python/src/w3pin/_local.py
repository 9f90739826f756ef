"""Functions that need no client."""

from __future__ import annotations

from w3pin import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from w3pin._models import PackedCar, Proof, Root, UploadPreview
    from w3pin._options import CidOptions, PreviewOptions, VerifyOptions
    from w3pin._types import Content, StrPath

__all__ = ["compute_cid", "pack_car", "preview_upload", "verify"]


def compute_cid(content: Content, **options: Unpack[CidOptions]) -> Root:
    """Computes the CID of a file or folder, offline.

    A folder's own name doesn't affect its CID. With asyncio, use ``asyncio.to_thread``.

    >>> compute_cid("report.txt").cid
    'bafkreigubnrixl37ovyut5nw23lkziyx2r4o6orjimygjuq47xig7mz3ru'
    >>> compute_cid(b"hello world", profile="unixfs-v0-2015").cid
    'Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD'

    Args:
        content: A file or folder, on disk or in memory.
        options: See :class:`CidOptions`.

    Raises:
        LocalIoError: Something can't be read.
        InvalidInputError: UnixFS can't represent it.
    """
    return _native.compute_cid(content, options).wait()


def pack_car(content: Content, destination: StrPath, **options: Unpack[CidOptions]) -> PackedCar:
    """Packs a file or folder into a CAR file, offline.

    It is a CARv1 with one root and every block once, depth first, as written by ``ipfs dag
    export`` for the same content. The file gets its name when it is complete, and memory use is
    constant at any size. With asyncio, use ``asyncio.to_thread``.

    >>> packed = pack_car(b"hello world", "hello.car")
    >>> packed.cid, packed.blocks, packed.bytes
    ('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e', 1, 107)

    Args:
        content: A file or folder, on disk or in memory.
        destination: The path of the CAR file, which must not exist.
        options: See :class:`CidOptions`.

    Raises:
        LocalIoError: The content can't be read or changes meanwhile, or the CAR can't be written.
        InvalidInputError: UnixFS can't represent it.
    """
    return _native.pack_car(content, destination, options).wait()


def preview_upload(content: Content, **options: Unpack[PreviewOptions]) -> UploadPreview:
    """Lists what an upload would send and computes its CID, offline.

    It rejects what the upload would reject. With asyncio, use ``asyncio.to_thread``.

    >>> preview = preview_upload({"0.json": b"{}", "1.json": b"{}"}, name="drop")
    >>> [file.name for file in preview.files], preview.size
    (['drop/0.json', 'drop/1.json'], 4)

    Args:
        content: A file or folder, on disk or in memory.
        options: See :class:`PreviewOptions`.

    Raises:
        LocalIoError: Something can't be read.
        InvalidInputError: It can't be sent.
    """
    return _native.preview_upload(content, options).wait()


def verify(content: Content, cid: str, **options: Unpack[VerifyOptions]) -> Proof:
    """Proves block by block that a CID names this content, whatever its layout; no account is
    required.

    The blocks with links are fetched from a gateway and checked against their CIDs; the
    content is split at their block sizes, and every piece is compared by its digest. A hostile
    gateway can make the proof fail, but never make it succeed. With asyncio, use
    ``asyncio.to_thread``.

    >>> verify(b"hello", pin.cid)
    Proof(files=1, bytes=5, blocks_fetched=0)

    Args:
        content: A file or folder, on disk or in memory.
        cid: The CID of the content's root.
        options: See :class:`VerifyOptions`.

    Raises:
        CidMismatchError: The content differs. The error says which file differs and where.
        DecodeError: The gateway serves wrong blocks.
    """
    return _native.verify(content, cid, options).wait()
