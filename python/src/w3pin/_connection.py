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
    """The settings of a client, and its connections.

    What isn't given comes from the environment (``W3PIN_API_KEY``, ``W3PIN_SECRET_KEY``,
    ``W3PIN_ENDPOINT``) or the config file that the ``w3pin`` command writes too.

    Args:
        api_key: The account's API key.
        secret_key: The account's secret key.
        endpoint: The service's base URL, mostly ending in ``/api/pinning``, or the name of a known
            one, as ``aiozpin``.
        insecure_http: Whether the keys may travel over plain http to another machine.
        profile: The layout in which the service imports files, as ``kubo-cidv1-legacy``, by which
            it is proved what was pinned.
        connect_timeout: Seconds, or a ``timedelta``, until there is a connection; 10 unless given.
        idle_timeout: The time in which a request or its answer may get no further; 60 seconds
            unless given.
        call_timeout: The time of a whole call with all its tries; 60 seconds unless given. Uploads
            are limited by their own ``timeout`` only.
        retry: How often calls are tried.
        requests_per_minute: How many requests go out at most, 0 for no limit; the public service's
            own limit unless given, and none to this machine.
        proxy: A proxy's URL (``http``, ``https``, ``socks5``), or False for none, whatever the
            environment says.
        root_certificates: Certificates in PEM to trust beside the usual ones.
        platform_roots: Whether the system's root certificates are trusted rather than Mozilla's.
        user_agent: The name that the service sees.

    Raises:
        InvalidInputError: A key is missing, or a setting can't be used.
    """

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
