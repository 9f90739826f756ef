"""A local pinning service, to test programs without a network.

The server is the real one, and runs in the process that starts it. With pytest there is the fixture
``w3pin_server``.

>>> with local_server() as server, server.client() as client:
...     client.pin_bytes(b"hello").status
'PENDING'
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING, Any

from w3pin._async_client import AsyncClient
from w3pin._client import Client
from w3pin._native import LocalServer as _LocalServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w3pin._types import StrPath

__all__ = ["LocalServer", "local_server"]


class LocalServer:
    """A running server and the keys of its account."""

    __slots__ = ("_native",)

    def __init__(self, native: _LocalServer) -> None:
        self._native = native

    @property
    def url(self) -> str:
        """The endpoint for clients."""
        return self._native.url

    @property
    def gateway(self) -> str:
        """The gateway for retrievers."""
        return self.url.removesuffix("/api/pinning")

    @property
    def api_key(self) -> str:
        """The account's API key."""
        return self._native.api_key

    @property
    def secret_key(self) -> str:
        """The account's secret key."""
        return self._native.secret_key

    def client(self, **options: Any) -> Client:
        """A client of the account, with the options of :class:`w3pin.Client`."""
        return Client(self.api_key, self.secret_key, endpoint=self.url, **options)

    def async_client(self, **options: Any) -> AsyncClient:
        """A client of the account for asyncio, with the same options."""
        return AsyncClient(self.api_key, self.secret_key, endpoint=self.url, **options)

    def environment(self) -> dict[str, str]:
        """The variables by which ``Client()`` and the ``w3pin`` command find the server."""
        return {
            "W3PIN_ENDPOINT": self.url,
            "W3PIN_API_KEY": self.api_key,
            "W3PIN_SECRET_KEY": self.secret_key,
        }

    def __repr__(self) -> str:
        return f"LocalServer(url={self.url!r})"


@contextlib.contextmanager
def local_server(data: StrPath | None = None) -> Iterator[LocalServer]:
    """Serves the pinning API on a free port of this machine.

    Args:
        data: An empty folder for the data; a temporary one unless set.
    """
    with contextlib.ExitStack() as stack:
        if data is None:
            data = stack.enter_context(tempfile.TemporaryDirectory(prefix="w3pin-"))
        native = _LocalServer(data)
        stack.callback(native.stop)
        yield LocalServer(native)
