"""Where a file is read."""

from __future__ import annotations

from operator import index

__all__ = ["moved"]


def moved(position: int, size: int, offset: int, whence: int) -> int:
    """The position that a seek leads to, by the rules of Python's own files."""
    if whence not in (0, 1, 2):
        raise ValueError(f"whence takes 0, 1 or 2, not {whence!r}")
    to = index(offset) + (0, position, size)[whence]
    if to < 0:
        raise ValueError(f"{to} lies before the beginning of the file")
    return to
