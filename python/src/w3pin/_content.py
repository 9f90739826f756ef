"""Content, as bytes and blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from w3pin._errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

    from w3pin._types import AsyncSource, BytesLike, Source, StrPath

BLOCK = 1 << 20
"""How much of a file is read at a time."""
FULL = 1 << 18
"""Small parts are gathered until there is this much."""


def to_bytes(data: BytesLike) -> bytes:
    """The bytes themselves where they can't change, or else a copy."""
    return data if isinstance(data, bytes) else bytes(memoryview(data))


def to_path_or_bytes(content: StrPath | BytesLike) -> StrPath | bytes:
    """Either, told apart by type."""
    if isinstance(content, (bytearray, memoryview)):
        return bytes(content)
    return content


def to_json(value: object) -> str:
    """The shortest JSON text for a value."""
    import json

    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as cause:
        raise InvalidInputError(f"the value can't be JSON: {cause}", field="json") from cause


def next_block(source: Source) -> Callable[[], bytes]:
    """A function that gives block after block of the source, and an empty one at its end."""
    if isinstance(source, (bytes, bytearray, memoryview, str)):
        kind = type(source).__name__
        raise TypeError(
            f"a stream is a binary file or an iterable of bytes; pin_bytes takes {kind}"
        )
    read = getattr(source, "read", None)
    if read is not None:
        return lambda: _block(read(BLOCK))
    if hasattr(source, "__aiter__"):
        raise TypeError("only AsyncClient takes an async iterable")
    parts = iter(cast("Iterable[BytesLike]", source))
    return lambda: _gather(parts)


async def blocks(source: AsyncSource) -> AsyncGenerator[bytes, None]:
    """Block after block of the source. What may hold up the event loop is read on a thread."""
    if not hasattr(source, "__aiter__"):
        from asyncio import to_thread

        take = next_block(source)
        while block := await to_thread(take):
            yield block
        return
    gathered = bytearray()
    try:
        async for part in source:
            block = _block(part)
            if not gathered and len(block) >= FULL:
                yield block
                continue
            gathered += block
            if len(gathered) >= FULL:
                yield bytes(gathered)
                gathered.clear()
        if gathered:
            yield bytes(gathered)
    finally:
        # A generator that is left in its middle would go on holding what it holds.
        if (close := getattr(source, "aclose", None)) is not None:
            await close()


def _gather(parts: Iterator[BytesLike]) -> bytes:
    gathered = bytearray()
    for part in parts:
        block = _block(part)
        if not gathered and len(block) >= FULL:
            return block
        gathered += block
        if len(gathered) >= FULL:
            break
    return bytes(gathered)


def _block(part: BytesLike | None) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        raise TypeError("the stream gives text; open the file in binary mode, or encode it")
    if isinstance(part, int):
        raise TypeError("the stream gives numbers; it should give bytes")
    if part is None:
        raise BlockingIOError("the file has nothing to read yet; make it blocking")
    return bytes(memoryview(part))
