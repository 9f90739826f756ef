from __future__ import annotations

import errno
import inspect
import os
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest

import w3pin
from w3pin import _errors

if TYPE_CHECKING:
    from pathlib import Path

    from w3pin.testing import LocalServer

CLASSES = [getattr(_errors, name) for name in _errors.__all__]


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_is_a_pinning_error_and_can_be_pickled(error: type[w3pin.PinningError]) -> None:
    raised = error("no (HTTP 400)", reason="no", status=400, retry_after=1.5, is_retryable=True)
    assert isinstance(raised, w3pin.PinningError)
    twin = pickle.loads(pickle.dumps(raised))
    assert type(twin) is error
    assert str(twin) == str(raised) == "no (HTTP 400)"
    assert vars(twin) == vars(raised)
    assert twin.kind == raised.kind


def test_kinds_are_told_apart() -> None:
    kinds = [error.kind for error in CLASSES]
    assert len(set(kinds)) == len(kinds)
    for built_in, error in [
        (ValueError, w3pin.InvalidInputError),
        (OSError, w3pin.LocalIoError),
        (TimeoutError, w3pin.RequestTimeoutError),
        (w3pin.TransportError, w3pin.RequestTimeoutError),
        (w3pin.ApiError, w3pin.NotFoundError),
        (w3pin.ApiError, w3pin.RateLimitError),
    ]:
        assert issubclass(error, built_in)
    assert inspect.isclass(w3pin.CidMismatchError)


def test_an_answer_is_in_the_error(client: w3pin.Client) -> None:
    with pytest.raises(w3pin.NotFoundError) as raised:
        client.get_pin("3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2")
    error = raised.value
    assert (error.status, error.service_message) == (404, "record not found")
    assert error.reason in str(error)
    assert not error.is_retryable
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)


def test_the_systems_words_are_the_cause(client: w3pin.Client) -> None:
    with pytest.raises(w3pin.LocalIoError) as raised:
        client.pin_file("/missing/file")
    error = raised.value
    assert (error.errno, error.filename, error.path) == (
        errno.ENOENT,
        "/missing/file",
        "/missing/file",
    )
    assert isinstance(error, FileNotFoundError)
    assert error.kind == "local_io"
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), twin.errno, twin.filename) == (type(error), errno.ENOENT, "/missing/file")


def test_the_systems_errors_are_its_own_classes(client: w3pin.Client, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    with pytest.raises(FileExistsError) as exists:
        client.prepare_upload(b"x", tmp_path / "there")
    assert isinstance(exists.value, w3pin.LocalIoError)
    with pytest.raises(NotADirectoryError):
        client.pin_file(tmp_path / "there" / "below")
    with pytest.raises(FileNotFoundError):
        w3pin.compute_cid(tmp_path / "gone")
    (tmp_path / "closed").write_text("x")
    (tmp_path / "closed").chmod(0)
    if os.geteuid():
        with pytest.raises(PermissionError):
            client.pin_file(tmp_path / "closed")
    assert isinstance(w3pin.LocalIoError("no", errno=errno.EACCES), PermissionError)
    assert type(w3pin.LocalIoError("no", errno=errno.EIO)) is w3pin.LocalIoError
    assert type(w3pin.LocalIoError("no")) is w3pin.LocalIoError


def test_a_connection_that_fails_has_a_cause() -> None:
    never = w3pin.RetryPolicy(1)
    with (
        w3pin.Client(
            "KEY-X", "SECRET-X", endpoint="http://127.0.0.1:1/api/pinning", retry=never
        ) as client,
        pytest.raises(w3pin.TransportError) as raised,
    ):
        client.check_credentials()
    error = raised.value
    assert error.is_retryable
    assert isinstance(error.__context__, ConnectionRefusedError)
    assert "refused" in str(error)
    # One short line, below the lines of the program.
    told = traceback.format_exception(error)
    assert told[-1] == f"w3pin._errors.TransportError: {error}\n"
    assert "\n" not in str(error)
    assert "direct cause" not in "".join(told)


def test_a_missing_key_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("W3PIN_API_KEY", "W3PIN_SECRET_KEY", "W3PIN_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(w3pin.InvalidInputError, match="W3PIN_API_KEY"):
        w3pin.Client()


def test_no_key_is_in_any_text(w3pin_server: LocalServer) -> None:
    secret = "SECRET-THAT-IS-NOWHERE"
    client = w3pin.Client(secret, secret, endpoint=w3pin_server.url)
    with pytest.raises(w3pin.AuthenticationError) as raised:
        client.check_credentials()
    texts = [repr(client), repr(raised.value), str(raised.value), str(vars(raised.value))]
    assert not any(secret in text for text in texts)


def test_many_give_errors_in_their_places(client: w3pin.Client) -> None:
    pin = client.pin_bytes(b"hello")
    results = client.unpin_many([pin.id, "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2"])
    assert results[0] is None
    assert isinstance(results[1], w3pin.NotFoundError)
