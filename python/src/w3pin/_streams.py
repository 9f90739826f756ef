"""Streams, as what to call them and as blocks of bytes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
    from typing import Any, NoReturn

    from w3pin._options import PinStreamOptions
    from w3pin._types import AsyncStream, BytesLike, Stream

BLOCK = 1 << 20
"""How much is read at a time."""
FULL = 1 << 18
"""Small parts are gathered until there is this much."""
COMPRESSED = ("gzip", "bz2", "lzma", "zipfile")
"""Modules whose files have no length but by reading them, and another name than their content."""


def with_own(stream: AsyncStream, options: PinStreamOptions) -> dict[str, Any]:
    """The options, with the name, type and length that the stream itself knows where they aren't
    set.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if type(stream).__module__ in COMPRESSED:
        return given
    own: dict[str, Any] = {}
    name = _text(stream, "filename") or _text(stream, "name")
    if name and not name.startswith("<"):
        own["file_name"] = name.replace("\\", "/").rsplit("/", 1)[-1]
    if content_type := _text(stream, "content_type"):
        own["content_type"] = content_type
    # What an UploadFile reads by awaiting is an ordinary file within.
    if length := _rest(getattr(stream, "file", stream)):
        own["length"] = length
    return own | given


def _text(stream: AsyncStream, name: str) -> str | None:
    value = getattr(stream, name, None)
    return value if isinstance(value, str) else None


def _rest(file: Any) -> int | None:
    """How many bytes there are from where the file is, if that is told without reading."""
    from inspect import iscoroutinefunction

    if iscoroutinefunction(getattr(file, "seek", None)) or type(file).__module__ in COMPRESSED:
        return None
    try:
        start = file.tell()
        file.seek(0, 2)
        end = file.tell()
        file.seek(start)
    except (AttributeError, OSError, TypeError, ValueError):
        return None
    return end - start if isinstance(start, int) and isinstance(end, int) else None


def next_block(stream: Stream) -> Callable[[], bytes]:
    """A function that gives block after block of the stream, and an empty one at its end."""
    _refuse_what_is_no_stream(stream)
    read = getattr(stream, "read", None)
    if read is not None:
        return lambda: _block(read(BLOCK))
    if hasattr(stream, "__aiter__"):
        _refuse_async()
    blocks: Iterable[BytesLike] = stream  # type: ignore[assignment]
    parts = iter(blocks)
    return lambda: _gather(parts)


async def blocks(stream: AsyncStream) -> AsyncGenerator[bytes, None]:
    """Block after block of the stream. What may hold up the event loop is read on a thread."""
    from asyncio import to_thread
    from inspect import isawaitable, iscoroutinefunction

    _refuse_what_is_no_stream(stream)
    read = getattr(stream, "read", None)
    if read is None:
        if hasattr(stream, "__aiter__"):
            async for block in _gather_async(stream):
                yield block
            return
        take = next_block(stream)  # type: ignore[arg-type]
        while block := await to_thread(take):
            yield block
        return
    is_async = iscoroutinefunction(read)
    while True:
        found = read(BLOCK) if is_async else await to_thread(read, BLOCK)
        block = _block(await found if isawaitable(found) else found)
        if not block:
            return
        yield block


async def _gather_async(stream: Any) -> AsyncGenerator[bytes, None]:
    gathered = bytearray()
    try:
        async for part in stream:
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
        if (close := getattr(stream, "aclose", None)) is not None:
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


def _refuse_what_is_no_stream(stream: object) -> None:
    from collections.abc import Mapping, Set

    kind = "None" if stream is None else type(stream).__name__
    takes = "stream takes a file opened in binary mode, or an iterable of bytes"
    if isinstance(stream, (bytes, bytearray, memoryview)):
        raise TypeError(f"{takes}, not {kind}: pin_bytes takes that")
    if isinstance(stream, str) or hasattr(stream, "__fspath__"):
        raise TypeError(f"{takes}, not {kind}: open a path, as in open(path, 'rb')")
    if isinstance(stream, (Set, Mapping)):
        raise TypeError(f"{takes}, not {kind}: give its parts in a list, which has an order")
    if not any(hasattr(stream, name) for name in ("read", "__iter__", "__aiter__", "__getitem__")):
        raise TypeError(f"{takes}, not {kind}")


def _refuse_async() -> NoReturn:
    raise TypeError("stream is asynchronous, and only AsyncClient reads it")


def _block(part: Any) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        raise TypeError(
            "stream gives str, not bytes: open the file in binary mode, as 'rb', or encode the text"
        )
    if part is None:
        raise BlockingIOError("the stream has nothing to read yet; make it blocking")
    if hasattr(part, "__await__"):
        part.close()
        _refuse_async()
    try:
        return memoryview(part).tobytes()
    except TypeError:
        message = f"stream gives {type(part).__name__}, not bytes"
        raise TypeError(message) from None
