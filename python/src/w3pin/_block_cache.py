"""Which blocks a file of fsspec fetches and keeps."""

from __future__ import annotations

from fsspec.caching import BaseCache, register_cache

from w3pin._ranges import BLOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BlockCache"]

MOST_KEPT = 32
MOST_AHEAD = 16
SHARE_AHEAD = 10
"""One block is read ahead for so many that were read in a row, so little is fetched in vain."""


class BlockCache(BaseCache):  # type: ignore[misc]
    """Fetches whole blocks, each run of them by one request, and keeps the last few."""

    name = "w3pin"

    def __init__(self, blocksize: int, fetcher: Callable[[int, int], bytes], size: int) -> None:
        super().__init__(blocksize, fetcher, size)
        self._kept: dict[int, bytes] = {}
        self._end = 0
        self._row = 0
        """How many blocks were read in a row."""

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        start, stop, _ = slice(start, stop).indices(self.size)
        if start >= stop:
            return b""
        first, last = start // BLOCK, (stop - 1) // BLOCK
        in_a_row = start == self._end
        self._end = stop
        parts = self._blocks(first, last, in_a_row)
        offset = start - first * BLOCK
        whole = parts[0] if len(parts) == 1 else b"".join(parts)
        return bytes(whole[offset : offset + stop - start])

    def _blocks(self, first: int, last: int, in_a_row: bool) -> list[bytes]:
        wanted = range(first, last + 1)
        found = {number: self._kept[number] for number in wanted if number in self._kept}
        missing = [number for number in wanted if number not in found]
        if missing:
            self._row = self._row + len(missing) if in_a_row else 0
            low = missing[0]
            high = max(missing[-1], low + min(self._row // SHARE_AHEAD, MOST_AHEAD))
            fetched = self.fetcher(low * BLOCK, min((high + 1) * BLOCK, self.size))
            numbers = range(low, low - (-len(fetched) // BLOCK))
            found |= {
                number: fetched[(number - low) * BLOCK : (number - low + 1) * BLOCK]
                for number in numbers
            }
            for number in numbers[-MOST_KEPT:]:
                self._kept.pop(number, None)
                self._kept[number] = found[number]
            for number in list(self._kept)[:-MOST_KEPT]:
                del self._kept[number]
        return [found[number] for number in wanted]


register_cache(BlockCache, clobber=True)
