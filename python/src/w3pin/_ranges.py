"""Ranges of bytes, and which of them are worth one request."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BLOCK", "merged", "within"]

BLOCK = 256 * 1024
"""The smallest usual block of a file, which is proved, and so fetched, as a whole."""


def within(size: int, start: int | None, end: int | None) -> tuple[int, int]:
    """The range that a slice means: what is negative counts from the end of the file."""
    first, last, _ = slice(start, end).indices(size)
    return first, max(first, last)


def merged(
    ranges: Iterable[tuple[int, int]], gap: int = BLOCK - 1
) -> list[tuple[int, int, list[int]]]:
    """Ranges that span all of these, each with the places of those that lie in it.

    Two that are less than a block apart lie in the same block or in neighbours, so nothing is
    fetched that neither needs.
    """
    spans: list[tuple[int, int, list[int]]] = []
    for place, (start, end) in sorted(enumerate(ranges), key=lambda one: one[1]):
        if spans and start - spans[-1][1] <= gap:
            first, last, places = spans[-1]
            spans[-1] = (first, max(last, end), [*places, place])
        else:
            spans.append((start, end, [place]))
    return spans
