"""Errors, by what a program can do about them."""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AlreadyPinnedError",
    "ApiError",
    "AuthenticationError",
    "CidMismatchError",
    "DecodeError",
    "InsufficientFundsError",
    "InvalidInputError",
    "LocalIoError",
    "NotFoundError",
    "PermissionDeniedError",
    "PinningError",
    "RateLimitError",
    "RequestTimeoutError",
    "TransportError",
]


class PinningError(Exception):
    """What every error of this package is.

    It never holds a key. Its ``__cause__`` is what the system or the network said, where that is
    known.

    >>> try:
    ...     raise NotFoundError("there is no such pin", status=404)
    ... except PinningError as error:
    ...     print(error.kind, error.status, error.is_retryable)
    not_found 404 False
    """

    kind: ClassVar[str] = "pinning"
    """The kind's name, the same in every language."""

    reason: str
    """What was wrong, without the service's own words."""
    field: str | None
    """The argument or setting at fault."""
    path: str | None
    """The local file or folder at fault."""
    status: int | None
    """The HTTP status of the answer, where there was one."""
    service_message: str | None
    """What the service said."""
    body_excerpt: str | None
    """The beginning of an answer that couldn't be understood, at most 1 KiB."""
    retry_after: float | None
    """Seconds that the service asks to wait before the next try."""
    expected_cid: str | None
    """The CID computed from the bytes that were sent."""
    returned_cid: str | None
    """The CID that the service answered."""
    is_retryable: bool
    """Whether the same call may succeed later with nothing changed."""

    def __init__(
        self,
        message: str = "",
        *,
        reason: str | None = None,
        field: str | None = None,
        path: str | None = None,
        status: int | None = None,
        service_message: str | None = None,
        body_excerpt: str | None = None,
        retry_after: float | None = None,
        expected_cid: str | None = None,
        returned_cid: str | None = None,
        is_retryable: bool = False,
        errno: int | None = None,
    ) -> None:
        """Says what was wrong."""
        super().__init__(message)
        self.reason = message if reason is None else reason
        self.field = field
        self.path = path
        self.status = status
        self.service_message = service_message
        self.body_excerpt = body_excerpt
        self.retry_after = retry_after
        self.expected_cid = expected_cid
        self.returned_cid = returned_cid
        self.is_retryable = is_retryable
        if isinstance(self, OSError):
            for name, value in (("errno", errno), ("filename", path)):
                setattr(self, name, value)

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[object, ...]:
        state = dict(self.__dict__)
        if isinstance(self, OSError):
            state.update((name, getattr(self, name)) for name in ("errno", "filename"))
        return (_rebuild, (type(self), self.args), state)


def _rebuild(error: type[PinningError], args: tuple[str, ...]) -> PinningError:
    return error(*args)


class InvalidInputError(PinningError, ValueError):
    """An argument, file or setting can't be used. Mostly refused before a byte is sent."""

    kind = "invalid_input"


class ApiError(PinningError):
    """The service refused the call, or failed."""

    kind = "api"


class AuthenticationError(ApiError):
    """The service doesn't accept the credentials."""

    kind = "authentication"


class PermissionDeniedError(ApiError):
    """The credentials are good, but not for this."""

    kind = "permission_denied"


class NotFoundError(ApiError):
    """The service knows no such pin."""

    kind = "not_found"


class AlreadyPinnedError(ApiError):
    """The account has already pinned this content."""

    kind = "already_pinned"


class InsufficientFundsError(ApiError):
    """The account's balance doesn't cover the pin."""

    kind = "insufficient_funds"


class RateLimitError(ApiError):
    """Too many requests in too short a time."""

    kind = "rate_limited"


class DecodeError(PinningError):
    """The service's answer isn't what its documentation says."""

    kind = "decode"


class TransportError(PinningError):
    """The service wasn't reached, or the connection broke."""

    kind = "transport"


class RequestTimeoutError(TransportError, TimeoutError):
    """A time limit of the caller's passed."""

    kind = "timeout"


class LocalIoError(PinningError, OSError):
    """A local file or folder couldn't be read."""

    kind = "local_io"


class CidMismatchError(PinningError):
    """What the service pinned isn't provably what was sent, and proof was required."""

    kind = "cid_mismatch"
