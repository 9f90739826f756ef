from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import w3pin

if TYPE_CHECKING:
    from w3pin.testing import LocalServer

SCRIPT = Path(sysconfig.get_path("scripts")) / "w3pin"


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
        timeout=60,
    )


def test_module_and_script_are_the_command() -> None:
    for command in ([sys.executable, "-m", "w3pin"], [SCRIPT]):
        shown = run(*command, "--version")
        assert (shown.returncode, shown.stdout) == (0, f"w3pin {w3pin.__version__}\n")


def test_a_wrong_command_fails() -> None:
    assert run(SCRIPT, "--no-such-option").returncode == 2


def test_it_pins(w3pin_server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "hello").write_text("hello")
    shown = run(SCRIPT, "--json", "add", tmp_path / "hello", **w3pin_server.environment())
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["cid"] == w3pin.compute_cid(tmp_path / "hello").cid


def start(*command: str | Path, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_server_stops_in_order(stop: signal.Signals, tmp_path: Path) -> None:
    process = start(SCRIPT, "serve", "--data", tmp_path, "--listen", "127.0.0.1:0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("serving http://127.0.0.1:")
    process.send_signal(stop)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_upload_is_interrupted(stop: signal.Signals, code: int, big_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = start(
            SCRIPT,
            "add",
            big_file,
            W3PIN_ENDPOINT=f"http://127.0.0.1:{listener.getsockname()[1]}/api/pinning",
            W3PIN_API_KEY="KEY-X",
            W3PIN_SECRET_KEY="SECRET-X",
        )
        connection, _ = listener.accept()
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
        connection.close()
    assert process.returncode == code
    assert "Traceback" not in errors


def test_exit_codes(w3pin_server: LocalServer, tmp_path: Path) -> None:
    variables = w3pin_server.environment()
    (tmp_path / "hello").write_text("hello")
    calls: list[tuple[list[str | Path], int]] = [
        (["ls"], 0),
        (["add", tmp_path / "missing"], 1),
        (["add"], 2),
        (["get", "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2"], 4),
    ]
    for arguments, code in calls:
        assert run(SCRIPT, *arguments, **variables).returncode == code
    wrong = run(SCRIPT, "ls", **{**variables, "W3PIN_SECRET_KEY": "SECRET-X"})
    assert wrong.returncode == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_output_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "hello").write_text("hello")
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [SCRIPT, "cid", tmp_path / "hello"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert process.returncode == 7
    assert "No space left" in process.stderr
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [SCRIPT, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert process.returncode == 7
    assert process.stderr.count("\n") == 1
