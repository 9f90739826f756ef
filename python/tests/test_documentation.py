"""The examples of the documentation run."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import io
import json
import pkgutil
import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pytest

import w3pin
from w3pin import _native, testing

if TYPE_CHECKING:
    from w3pin.testing import LocalServer

MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.iter_modules(w3pin.__path__, "w3pin.")
    if module.name not in ("w3pin.__main__", "w3pin._native")
]
EXAMPLES = [
    example
    for module in [w3pin, *MODULES]
    for example in doctest.DocTestFinder(exclude_empty=True).find(module)
    if example.examples
]
README = Path(__file__).parents[1] / "README.md"


@pytest.fixture
def names(
    w3pin_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """The names that examples assume."""
    monkeypatch.chdir(tmp_path)
    Path("report.txt").write_text("all is well\n")
    Path("site").mkdir()
    Path("site/index.html").write_text("<h1>hello</h1>\n")
    client = w3pin_server.client()
    pin = client.pin_bytes(b"hello", name="hello.txt")
    client.wait_until_pinned(pin.id)
    public = {name: getattr(w3pin, name) for name in w3pin.__all__}
    names = {
        "w3pin": w3pin,
        "asyncio": asyncio,
        "fsspec": fsspec,
        "io": io,
        "json": json,
        "urllib": urllib,
        "local_server": testing.local_server,
        **public,
    }
    made = {"server": w3pin_server, "client": client, "retriever": client.retriever()}
    return {**names, **made, "pin": client.get_pin(pin.id)}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_docstrings(example: doctest.DocTest, names: dict[str, Any]) -> None:
    example.globs = {**example.globs, **names}
    failures: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=failures.append)
    assert not failures, "".join(failures)


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL))
def test_readme(block: str, names: dict[str, Any]) -> None:
    exec(compile(block, str(README), "exec"), {"__name__": "readme", **names})


def test_everything_is_documented() -> None:
    public = [getattr(w3pin, name) for name in w3pin.__all__ if name != "__version__"]
    classes = [thing for thing in public if isinstance(thing, type)]
    members = [
        (thing.__name__, name, member)
        for thing in classes
        for name, member in vars(thing).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    ]
    bare = [(thing, name) for thing, name, member in members if not member.__doc__]
    assert not [thing for thing in public if not thing.__doc__]
    assert not bare
    assert _native.__version__ == w3pin.__version__
