"""Iterates over all of the account's pins."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from w3pin._event_loop import EventLoop
    from w3pin._models import UnreadablePin
    from w3pin._native import PinPages
    from w3pin._pin import Pin

__all__ = ["AsyncPins", "Pins"]


class Pins:
    """An iterator over the account's pins, which reads a page when it comes to it.

    Pins that are added or removed meanwhile don't cause duplicates. After an error it ends.
    """

    __slots__ = ("_page", "_pages")

    def __init__(self, pages: PinPages) -> None:
        self._pages = pages
        self._page: Iterator[Pin] = iter(())

    def __iter__(self) -> Iterator[Pin]:
        return self

    def __next__(self) -> Pin:
        for pin in self._page:
            return pin
        page = self._pages.next().wait()
        if page is None:
            raise StopIteration
        self._page = iter(page)
        return next(self._page)

    @property
    def unreadable(self) -> list[UnreadablePin]:
        """Entries that can't be read as pins, of the pages read so far; the first 1,000."""
        return self._pages.unreadable()


class AsyncPins:
    """An async iterator over the account's pins, which requests pages as needed."""

    __slots__ = ("_loop", "_page", "_pages")

    def __init__(self, pages: PinPages, loop: EventLoop) -> None:
        self._pages = pages
        self._loop = loop
        self._page: Iterator[Pin] = iter(())

    def __aiter__(self) -> AsyncIterator[Pin]:
        return self

    async def __anext__(self) -> Pin:
        for pin in self._page:
            return pin
        page = await self._loop.run(self._pages.next())
        if page is None:
            raise StopAsyncIteration
        self._page = iter(page)
        return next(self._page)

    @property
    def unreadable(self) -> list[UnreadablePin]:
        """Entries that can't be read as pins, of the pages read so far; the first 1,000."""
        return self._pages.unreadable()
