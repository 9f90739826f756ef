"""How notebooks show pins."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from w3pin._models import Page
    from w3pin._pin import Pin

__all__ = ["page_table", "pin_table"]


def pin_table(pin: Pin) -> str:
    """A row for each field that has a value."""
    fields = pin.to_dict() | {"verification": pin.verification.result}
    rows = [
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in fields.items()
        if value not in (None, {}, "")
    ]
    return f"<table>{''.join(rows)}</table>"


def page_table(page: Page) -> str:
    """A row for each pin, and one for each entry that can't be read."""
    columns = ("name", "cid", "size", "status", "pinned", "date_pinned", "id")
    head = "".join(f"<th>{column}</th>" for column in columns)
    rows = [_row(_shown(getattr(pin, column)) for column in columns) for pin in page]
    for entry in page.unreadable:
        text = escape(f"entry {entry.position} can't be read: {entry.reason}")
        rows.append(f'<tr><td colspan="{len(columns)}">{text}</td></tr>')
    total = "" if page.totals.files is None else f"<p>{len(page)} of {page.totals.files} pins</p>"
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>{total}"


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _shown(value: object) -> str:
    return "" if value is None else escape(str(value))
