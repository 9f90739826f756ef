"""What both clients are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w3pin import _native

if TYPE_CHECKING:
    from typing_extensions import Self

    from w3pin._native import RetryPolicy
    from w3pin._types import Seconds

__all__ = ["Connection"]


class Connection:
    """The settings of a client, and its connections."""

    __slots__ = ("__weakref__", "_native")

    def __init__(
        self,
        api_key: str | None = None,
        secret_key: str | None = None,
        *,
        endpoint: str | None = None,
        insecure_http: bool | None = None,
        profile: str | None = None,
        connect_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        call_timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
        requests_per_minute: int | None = None,
        proxy: str | bool | None = None,
        root_certificates: bytes | None = None,
        platform_roots: bool = False,
        user_agent: str | None = None,
    ) -> None:
        self._native = _native.Client(
            api_key,
            secret_key,
            endpoint=endpoint,
            insecure_http=insecure_http,
            profile=profile,
            connect_timeout=connect_timeout,
            idle_timeout=idle_timeout,
            call_timeout=call_timeout,
            retry=retry,
            requests_per_minute=requests_per_minute,
            proxy=proxy,
            root_certificates=root_certificates,
            platform_roots=platform_roots,
            user_agent=user_agent,
        )

    @property
    def endpoint(self) -> str:
        """Where the service is."""
        return self._native.endpoint

    def close(self) -> None:
        """Closes the connections, once calls under way have ended; there can be no others."""
        self._native.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(endpoint={self.endpoint!r})"

    def __reduce__(self) -> tuple[Self]:
        raise TypeError(f"a {type(self).__name__} can't be pickled; make one in each process")
