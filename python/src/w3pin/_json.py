"""Values as JSON."""

from __future__ import annotations

from w3pin._errors import InvalidInputError

__all__ = ["to_json"]


def to_json(value: object) -> str:
    """A JSON text for a value. The canonical one is made of it later."""
    import json

    try:
        # Characters that no encoding has are written as escapes, and refused as such.
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as cause:
        raise InvalidInputError(
            f"the value can't be converted to JSON: {cause}", field="value"
        ) from cause
