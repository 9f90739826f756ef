"""Errors, by what a program can do about them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    """The base class of all errors of this package.

    It never contains a key. Its ``__context__`` is the error of the system or the network, if
    known.

    >>> try:
    ...     raise NotFoundError("there is no such pin", status=404)
    ... except PinningError as error:
    ...     print(error.kind, error.status, error.is_retryable)
    not_found 404 False
    """

    kind: ClassVar[str] = "pinning"
    """The category of the failure. It is the same word in every language.
    """

    reason: str
    """What went wrong, in a sentence."""
    field: str | None
    """The argument or setting at fault."""
    path: str | None
    """The local file or folder at fault."""
    status: int | None
    """The HTTP status of the response."""
    service_message: str | None
    """The service's own message."""
    body_excerpt: str | None
    """The beginning of a response that couldn't be understood, at most 1 KiB."""
    retry_after: float | None
    """How long to wait, as requested by the service. In seconds."""
    expected_cid: str | None
    """The CID of the bytes that were sent."""
    returned_cid: str | None
    """The CID that the service returned."""
    is_retryable: bool
    """Whether the same call may succeed if it is tried again later."""
    is_outcome_unknown: bool
    """Whether the service may have created the pin although the call failed."""

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
        is_outcome_unknown: bool = False,
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
        self.is_outcome_unknown = is_outcome_unknown
        if isinstance(self, OSError):
            system = (("errno", errno), ("strerror", self.reason), ("filename", path))
            for name, value in system:
                setattr(self, name, value)

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[object, ...]:
        state = dict(self.__dict__)
        if isinstance(self, OSError):
            state.update((name, getattr(self, name)) for name in ("errno", "strerror", "filename"))
        return (_rebuild, (type(self), self.args), state)


def _rebuild(error: type[PinningError], args: tuple[str, ...]) -> PinningError:
    return error(*args)


class InvalidInputError(PinningError, ValueError):
    """An argument, file or setting can't be used. Most are detected before a byte is sent."""

    kind = "invalid_input"


class ApiError(PinningError):
    """The service refused the call or failed."""

    kind = "api"


class AuthenticationError(ApiError):
    """The service doesn't accept the credentials."""

    kind = "authentication"


class PermissionDeniedError(ApiError):
    """The credentials don't permit this."""

    kind = "permission_denied"


class NotFoundError(ApiError):
    """The service doesn't know the pin."""

    kind = "not_found"


class AlreadyPinnedError(ApiError):
    """The account has already pinned this content."""

    kind = "already_pinned"


class InsufficientFundsError(ApiError):
    """The account's balance doesn't cover the pin."""

    kind = "insufficient_funds"


class RateLimitError(ApiError):
    """The service received too many requests."""

    kind = "rate_limited"


class DecodeError(PinningError):
    """The service's response isn't as documented."""

    kind = "decode"


class TransportError(PinningError):
    """The service couldn't be reached, or the connection broke."""

    kind = "transport"


class RequestTimeoutError(TransportError, TimeoutError):
    """A time limit passed."""

    kind = "timeout"


class LocalIoError(PinningError, OSError):
    """A local file or folder couldn't be read or written.

    As with ``OSError`` itself, one that the system has a class for is an instance of that too, such
    as ``FileNotFoundError`` and ``PermissionError``.
    """

    kind = "local_io"

    def __new__(cls, message: str = "", *, errno: int | None = None, **_: object) -> LocalIoError:
        """An instance of the class that the system's error number calls for."""
        known = _LOCAL if cls is LocalIoError and errno is not None else {}
        return super().__new__(known.get(type(OSError(errno, "")), cls), message)


class LocalFileNotFoundError(LocalIoError, FileNotFoundError):
    """A local file or folder doesn't exist."""


class LocalPermissionError(LocalIoError, PermissionError):
    """Permission for a local file or folder is missing."""


class LocalFileExistsError(LocalIoError, FileExistsError):
    """A local file exists that must not."""


class LocalIsADirectoryError(LocalIoError, IsADirectoryError):
    """A folder is where a file should be."""


class LocalNotADirectoryError(LocalIoError, NotADirectoryError):
    """A file is where a folder should be."""


_LOCAL: dict[type[OSError], type[LocalIoError]] = {
    FileNotFoundError: LocalFileNotFoundError,
    PermissionError: LocalPermissionError,
    FileExistsError: LocalFileExistsError,
    IsADirectoryError: LocalIsADirectoryError,
    NotADirectoryError: LocalNotADirectoryError,
}
"""The class for each of the system's own."""


class CidMismatchError(PinningError):
    """The service couldn't be proved to have pinned what was sent, and proof was required."""

    kind = "cid_mismatch"
