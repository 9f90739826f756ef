from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import w3pin
from w3pin.testing import local_server

if TYPE_CHECKING:
    from pathlib import Path

    from w3pin.testing import LocalServer


def test_the_fixture_is_the_default_service(w3pin_server: LocalServer) -> None:
    with w3pin.Client() as client:
        assert client.endpoint == w3pin_server.url
        assert client.pin_bytes(b"hello").verification.is_verified


def test_servers_are_apart(tmp_path: Path) -> None:
    with local_server() as one, local_server(tmp_path / "data") as other:
        assert one.url != other.url
        one.client().pin_bytes(b"hello")
        assert other.client().list_pins().totals.files == 0
    assert (tmp_path / "data").exists()
    with pytest.raises(w3pin.TransportError):
        one.client(retry=w3pin.RetryPolicy(1)).list_pins()


def test_a_folder_with_an_account_is_refused(tmp_path: Path) -> None:
    with local_server(tmp_path):
        pass
    with pytest.raises(RuntimeError, match="empty"), local_server(tmp_path):
        pass
