"""Fixtures: a server for each test, and one that never responds."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import w3pin
    from w3pin.testing import LocalServer


@pytest.fixture
def client(w3pin_server: LocalServer) -> Iterator[w3pin.Client]:
    with w3pin_server.client() as client:
        yield client


@pytest.fixture
def deaf_endpoint() -> Iterator[str]:
    """A service that accepts connections and never reads from them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/pinning"


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    """More than a connection's buffers hold."""
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    return path


# Shells make background processes ignore Ctrl-C.
HEAR_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a program in a separate process."""

    def start(program: str, *arguments: str) -> subprocess.Popen[str]:
        script = tmp_path / "program.py"
        script.write_text(HEAR_CTRL_C + program)
        return subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
