"""What both clients are made of."""

from __future__ import annotations

from w3pin._native import NativeClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from w3pin._options import ClientOptions

__all__ = ["Connection"]


class Connection:
    """The settings of a client, and its connections."""

    __slots__ = ("__weakref__", "_native")

    def __init__(
        self,
        api_key: str | None = None,
        secret_key: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._native = NativeClient(api_key, secret_key, options)

    @property
    def endpoint(self) -> str:
        """The endpoint of the service."""
        return self._native.endpoint

    def close(self) -> None:
        """Closes the connections, once calls under way have ended; there can be no others."""
        self._native.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(endpoint={self.endpoint!r})"

    def __reduce__(self) -> tuple[Self]:
        raise TypeError(f"a {type(self).__name__} can't be pickled; make one in each process")
