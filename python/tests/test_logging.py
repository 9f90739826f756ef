from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

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


async def test_each_request_is_told(
    caplog: pytest.LogCaptureFixture, w3pin_server: LocalServer
) -> None:
    caplog.set_level(logging.DEBUG, "w3pin")
    with w3pin_server.client() as client:
        pin = client.pin_bytes(b"hello" * 1000, name="hello")
        with pytest.raises(w3pin.NotFoundError):
            client.get_pin("3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2")
    async with w3pin_server.async_client() as other:
        await other.get_pin(pin.id)
    responses = [record for record in caplog.records if record.message.startswith("response ")]
    told: list[dict[str, Any]] = [vars(record)["w3pin"] for record in responses]
    assert [(it["method"], it["path"], it["status"]) for it in told] == [
        ("POST", "/api/pinning/", 201),
        ("GET", "/api/pinning/3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2", 404),
        ("GET", f"/api/pinning/{pin.id}", 200),
    ]
    assert told[0]["bytes_sent"] > 5000
    for it, record in zip(told, responses, strict=True):
        assert it["attempt"] == 1
        assert it["milliseconds"] >= 0
        assert it["bytes_received"] > 0
        assert f"status={it['status']}" in record.message
        assert record.levelno == logging.DEBUG
    for key in (w3pin_server.api_key, w3pin_server.secret_key):
        assert key not in caplog.text
        assert key not in str([vars(record) for record in caplog.records])


def test_attempts_are_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "w3pin")
    with (
        w3pin.Client("KEY-X", "SECRET-X", endpoint=ENDPOINT, retry=RETRY) as client,
        pytest.raises(w3pin.TransportError),
    ):
        client.check_credentials()
    failures = [record for record in caplog.records if record.message.startswith("no response ")]
    assert [vars(record)["w3pin"]["attempt"] for record in failures] == [1, 2, 3]
    assert all("refused" in vars(record)["w3pin"]["error"] for record in failures)
