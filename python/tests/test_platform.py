import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import w3pin


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, "isn't installed. Was the package copied"),
        (b"not a library", "can't be loaded by"),
    ],
)
def test_a_native_module_that_cannot_be_had_is_explained(
    tmp_path: Path, module: bytes | None, words: str
) -> None:
    package = tmp_path / "w3pin"
    shutil.copytree(Path(w3pin.__file__).parent, package)
    natives = [path for path in package.glob("_native*") if path.suffix != ".pyi"]
    assert natives
    for path in natives:
        path.unlink()
        if module:
            path.write_bytes(module)
    ran = subprocess.run(
        [sys.executable, "-c", "import w3pin"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert words in last
    assert "There are wheels for" in last
    assert "pip install --no-binary w3pin w3pin" in last


def test_importing_it_imports_nothing_that_is_not_needed_yet() -> None:
    program = "import sys; before = {*sys.modules}; import w3pin; print(*{*sys.modules} - before)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(ran.stdout.split()) <= {"w3pin", "w3pin._native", "w3pin._platform", "__future__"}


def test_a_subinterpreter_is_told_where_to_import_it(tmp_path: Path) -> None:
    pytest.importorskip("_interpreters", reason="subinterpreters can't be created before 3.13")
    program = (
        "import _interpreters\n"
        "failed = _interpreters.run_string(_interpreters.create(), 'import w3pin')\n"
        "print(failed.msg)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("w3pin can't be imported in a subinterpreter: ")
    assert said.endswith("Import it in the main interpreter, or start another process\n")
