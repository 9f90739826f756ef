"""Calls as coroutines of asyncio."""

from __future__ import annotations

from w3pin._errors import PinningError
from w3pin._native import EventQueue, Feed
from w3pin._streams import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, TypeVar

    from w3pin._native import Call
    from w3pin._types import AsyncStream

    T = TypeVar("T")


class EventLoop:
    """Makes calls for whichever event loop is running."""

    __slots__ = ("_queue", "_user")

    def __init__(self, user: str) -> None:
        self._user = user
        self._queue: EventQueue | None = None

    async def run(self, call: Call[T]) -> T:
        """Awaits a call. It stops when this is cancelled or given up."""
        loop = _running_loop(self._user)
        queue = self._queue
        if queue is None or not queue.belongs_to(loop):
            queue = self._queue = EventQueue(loop)
        future: Any = loop.create_future()
        call.start(queue, future)
        try:
            answer: T = await future
        finally:
            call.cancel()
        return answer

    async def run_fed(self, call: Call[T], feed: Feed, stream: AsyncStream) -> T:
        """Awaits a call, and pours a stream into its feed meanwhile."""
        import asyncio

        _running_loop(self._user)
        pouring = asyncio.ensure_future(self._pour(stream, feed))
        try:
            return await self.run(call)
        except PinningError:
            # An upload whose stream fails doesn't know why, but the stream does.
            if pouring.done() and not pouring.cancelled() and (failure := pouring.exception()):
                raise failure from None
            raise
        finally:
            pouring.cancel()
            await asyncio.gather(pouring, return_exceptions=True)

    async def _pour(self, stream: AsyncStream, feed: Feed) -> None:
        from contextlib import aclosing

        try:
            async with aclosing(blocks(stream)) as parts:
                async for block in parts:
                    if not await self.run(feed.put(block)):
                        return
            await self.run(feed.end())
        except BaseException:
            feed.give_up()
            raise


def _running_loop(user: str) -> AbstractEventLoop:
    from asyncio import get_running_loop  # importing it takes longer than all of this package

    try:
        return get_running_loop()
    except RuntimeError:
        message = (
            f"{user} needs asyncio, and no event loop of it is running here; with another, such as "
            f"trio's, call {user.removeprefix('Async')} on a thread"
        )
        raise RuntimeError(message) from None
