from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

import w3pin

if TYPE_CHECKING:
    from w3pin.testing import LocalServer

ENDPOINT = "http://127.0.0.1:1/api/pinning"
RETRY = w3pin.RetryPolicy(3, base_delay=0.01)


async def test_what_happens_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "w3pin")
    client = w3pin.Client("KEY-X", "SECRET-X", endpoint=ENDPOINT, retry=RETRY)
    with pytest.raises(w3pin.TransportError):
        client.check_credentials()
    first = len(caplog.records)
    assert first
    other = w3pin.AsyncClient("KEY-X", "SECRET-X", endpoint=ENDPOINT, retry=RETRY)
    with pytest.raises(w3pin.TransportError):
        await other.check_credentials()
    assert len(caplog.records) > first
    assert {record.name for record in caplog.records} == {"w3pin"}
    assert "KEY-X" not in caplog.text
    assert "SECRET-X" not in caplog.text


def test_levels_are_kept(caplog: pytest.LogCaptureFixture, w3pin_server: LocalServer) -> None:
    caplog.set_level(logging.CRITICAL, "w3pin")
    client = w3pin.Client("KEY-X", "SECRET-X", endpoint=ENDPOINT, retry=RETRY)
    with pytest.raises(w3pin.TransportError):
        client.check_credentials()
    assert not caplog.records


def test_a_handler_may_make_calls(w3pin_server: LocalServer) -> None:
    client = w3pin_server.client()
    found: list[logging.LogRecord] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not found:
                found.append(record)
                client.list_pins()

    logger = logging.getLogger("w3pin")
    handler = Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        broken = w3pin.Client("KEY-X", "SECRET-X", endpoint=ENDPOINT, retry=RETRY)
        with pytest.raises(w3pin.TransportError):
            broken.check_credentials()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert found
