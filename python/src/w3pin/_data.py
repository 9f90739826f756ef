"""Results as dictionaries and JSON."""

from __future__ import annotations

from dataclasses import asdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

__all__ = ["Data"]


class Data:
    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields, in their order and with their types; objects in them are dictionaries."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    def to_json(self) -> str:
        """The fields as JSON, in their order; dates are texts, as RFC 3339 has them."""
        import json

        return json.dumps(self.to_dict(), default=_text, ensure_ascii=False)


def _text(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
