"""Prepared uploads, as what was kept of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from w3pin._models import PreparedUpload

__all__ = ["kept"]


def kept(upload: PreparedUpload) -> str:
    """What is needed to judge the response."""
    from w3pin._models import PreparedUpload

    if not isinstance(upload, PreparedUpload):
        hint = ": PreparedUpload.from_json makes one of a text" if isinstance(upload, str) else ""
        raise TypeError(f"upload takes a PreparedUpload, not {type(upload).__name__}{hint}")
    return upload.to_json()
