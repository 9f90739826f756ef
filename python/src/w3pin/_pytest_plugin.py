"""The fixtures that pytest finds where this package is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w3pin.testing import LocalServer


@pytest.fixture
def w3pin_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """An empty pinning service on this machine, which ``w3pin.Client()`` uses by default."""
    from w3pin.testing import local_server

    with local_server() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server
