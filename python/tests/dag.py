"""Content as blocks, created independently of the package."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RAW = 0x55
DAG_PB = 0x70
FOLDER, FILE, SYMLINK = 1, 2, 4


class Dag:
    """Blocks by CID, and the structure of the files among them."""

    def __init__(self) -> None:
        self.blocks: dict[str, bytes] = {}
        self.folders: dict[str, dict[str, str]] = {}
        self.parts: dict[str, list[tuple[str, int]]] = {}
        self.sizes: dict[str, int] = {}

    def file(self, content: bytes, chunk: int = 256 * 1024, width: int = 174) -> str:
        """A file, as a tree of raw leaves."""
        starts = range(0, len(content), chunk) or [0]
        level = [self._leaf(content[start : start + chunk]) for start in starts]
        while len(level) > 1:
            level = [self._above(level[at : at + width]) for at in range(0, len(level), width)]
        return level[0]

    def folder(self, entries: dict[str, str]) -> str:
        links = [(name, entries[name]) for name in sorted(entries)]
        cid = self._node(links, varint_field(1, FOLDER))
        self.folders[cid] = dict(entries)
        return cid

    def tree(self, files: dict[str, bytes]) -> str:
        """A folder of files by their paths. A path that ends in a slash is an empty folder."""
        below: dict[str, dict[str, bytes]] = {}
        entries: dict[str, str] = {}
        for path, content in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(name, {}).update({rest: content} if rest else {})
            else:
                entries[name] = self.file(content)
        return self.folder(entries | {name: self.tree(files) for name, files in below.items()})

    def symlink(self, target: str) -> str:
        return self._node([], varint_field(1, SYMLINK) + bytes_field(2, target.encode()))

    def walk(self, cid: str, start: int = 0, end: int | None = None) -> Iterator[str]:
        """The blocks of a file that contain these bytes, depth first."""
        yield cid
        place = 0
        for part, size in self.parts.get(cid, []):
            if place + size > start and (end is None or place < end):
                rest = None if end is None else end - place
                yield from self.walk(part, max(start - place, 0), rest)
            place += size

    def _leaf(self, content: bytes) -> str:
        cid = self._add(RAW, content)
        self.sizes[cid] = len(content)
        return cid

    def _above(self, parts: list[str]) -> str:
        sizes = [self.sizes[part] for part in parts]
        data = varint_field(1, FILE) + varint_field(3, sum(sizes))
        data += b"".join(varint_field(4, size) for size in sizes)
        cid = self._node([("", part) for part in parts], data)
        self.parts[cid] = list(zip(parts, sizes, strict=True))
        self.sizes[cid] = sum(sizes)
        return cid

    def _node(self, links: list[tuple[str, str]], data: bytes) -> str:
        block = b"".join(
            bytes_field(
                2,
                bytes_field(1, decoded(cid))
                + bytes_field(2, name.encode())
                + varint_field(3, len(self.blocks[cid])),
            )
            for name, cid in links
        )
        return self._add(DAG_PB, block + bytes_field(1, data))

    def _add(self, codec: int, block: bytes) -> str:
        binary = bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(block).digest()
        cid = "b" + base64.b32encode(binary).decode().lower().rstrip("=")
        self.blocks[cid] = block
        return cid


def car(roots: list[str], blocks: list[tuple[str, bytes]]) -> bytes:
    """A CAR of version 1."""
    links = b"".join(b"\xd8\x2a\x58\x25\x00" + decoded(root) for root in roots)
    header = b"\xa2\x65roots" + bytes([0x80 + len(roots)]) + links + b"\x67version\x01"
    sections = [header, *(decoded(cid) + block for cid, block in blocks)]
    return b"".join(varint(len(section)) + section for section in sections)


def decoded(cid: str) -> bytes:
    return base64.b32decode(cid[1:].upper() + "=" * (-(len(cid) - 1) % 8))


def varint(number: int) -> bytes:
    low = b""
    while number > 0x7F:
        low += bytes([number & 0x7F | 0x80])
        number >>= 7
    return low + bytes([number])


def varint_field(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def bytes_field(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content
