from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

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
