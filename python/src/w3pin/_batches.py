"""Batches, whose results come as they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from w3pin._event_loop import EventLoop
    from w3pin._models import Completed
    from w3pin._native import CompletedCalls

__all__ = ["AsyncBatch", "Batch"]

T = TypeVar("T")


class Batch(Generic[T]):
    """An iterator over the results of a batch, each as soon as it is available.

    The batch starts when the first is requested. Dropping the iterator stops the remaining calls;
    completed ones stay completed.
    """

    __slots__ = ("_calls",)

    def __init__(self, calls: CompletedCalls[T]) -> None:
        self._calls = calls

    def __iter__(self) -> Iterator[Completed[T]]:
        return self

    def __next__(self) -> Completed[T]:
        completed = self._calls.next().wait()
        if completed is None:
            raise StopIteration
        return completed


class AsyncBatch(Generic[T]):
    """An async iterator over the results of a batch, each as soon as it is available."""

    __slots__ = ("_calls", "_loop")

    def __init__(self, calls: CompletedCalls[T], loop: EventLoop) -> None:
        self._calls = calls
        self._loop = loop

    def __aiter__(self) -> AsyncIterator[Completed[T]]:
        return self

    async def __anext__(self) -> Completed[T]:
        completed = await self._loop.run(self._calls.next())
        if completed is None:
            raise StopAsyncIteration
        return completed
