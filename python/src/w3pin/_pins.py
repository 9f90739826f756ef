"""All of the account's pins, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from w3pin import _native
    from w3pin._event_loop import EventLoop
    from w3pin._models import Page, Pin

__all__ = ["AsyncPins", "Pins"]


class Pins:
    """An iterator over the account's pins, which reads a page when it comes to it.

    Pins that come and go meanwhile don't make it give one twice. After an error it ends.
    """

    __slots__ = ("_native", "_pins")

    def __init__(self, native: _native.Pins) -> None:
        self._native = native
        self._pins = _read(native)

    def __iter__(self) -> Iterator[Pin]:
        return self._pins

    def __next__(self) -> Pin:
        return next(self._pins)

    def page(self, offset: int, limit: int) -> Page:
        """One page of the same listing, wherever the iterator is."""
        return self._native.page(offset, limit).wait()


class AsyncPins:
    """As :class:`Pins`, for ``async for``."""

    __slots__ = ("_loop", "_native", "_pins")

    def __init__(self, native: _native.Pins, loop: EventLoop) -> None:
        self._native = native
        self._loop = loop
        self._pins = _read_async(native, loop)

    def __aiter__(self) -> AsyncIterator[Pin]:
        return self._pins

    async def __anext__(self) -> Pin:
        return await self._pins.__anext__()

    async def page(self, offset: int, limit: int) -> Page:
        """One page of the same listing, wherever the iterator is."""
        return await self._loop.run(self._native.page(offset, limit))


def _read(pins: _native.Pins) -> Iterator[Pin]:
    while (page := pins.next_page().wait()) is not None:
        yield from page


async def _read_async(pins: _native.Pins, loop: EventLoop) -> AsyncIterator[Pin]:
    while (page := await loop.run(pins.next_page())) is not None:
        for pin in page:
            yield pin
