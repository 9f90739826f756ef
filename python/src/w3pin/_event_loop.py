"""Calls as coroutines of asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from w3pin._content import blocks
from w3pin._errors import PinningError
from w3pin._native import Completions, Feed

if TYPE_CHECKING:
    from w3pin._native import Call
    from w3pin._types import AsyncSource

T = TypeVar("T")


class EventLoop:
    """Makes calls for whichever event loop is running."""

    __slots__ = ("_completions",)

    def __init__(self) -> None:
        self._completions: Completions | None = None

    async def run(self, call: Call[T]) -> T:
        """Awaits a call. It stops when this is cancelled or given up."""
        from asyncio import get_running_loop  # importing it takes longer than all of this package

        loop = get_running_loop()
        completions = self._completions
        if completions is None or not completions.belongs_to(loop):
            completions = self._completions = Completions(loop)
        future: Any = loop.create_future()
        call.start(completions, future)
        try:
            answer: T = await future
        finally:
            call.cancel()
        return answer

    async def run_fed(self, call: Call[T], feed: Feed, source: AsyncSource) -> T:
        """Awaits a call, and pours a source into its feed meanwhile."""
        import asyncio

        pouring = asyncio.ensure_future(self._pour(source, feed))
        try:
            return await self.run(call)
        except PinningError:
            # An upload whose source fails doesn't know why, but the source does.
            if pouring.done() and not pouring.cancelled() and (failure := pouring.exception()):
                raise failure from None
            raise
        finally:
            pouring.cancel()
            await asyncio.gather(pouring, return_exceptions=True)

    async def _pour(self, source: AsyncSource, feed: Feed) -> None:
        from contextlib import aclosing

        try:
            async with aclosing(blocks(source)) as parts:
                async for block in parts:
                    if not await self.run(feed.put(block)):
                        return
            await self.run(feed.end())
        except BaseException:
            feed.give_up()
            raise
