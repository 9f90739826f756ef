"""Every argument of every operation, with what it can't be: the error names it, and nothing is
sent.
"""

from __future__ import annotations

import asyncio
import io
import math
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from surface import FREE, public, takes

import w3pin
from w3pin._retriever import RetrieverConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ID = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2"
CID = "bafkqaaa"
HALF = "\ud800"
PIN = w3pin.Pin(id=ID, cid=CID)
UPLOAD = w3pin.PreparedUpload("POST", "http://127.0.0.1:1/", {}, "body", 1, CID, "{}")


async def coroutine(_: w3pin.Progress) -> None: ...


class AsyncListener:
    async def __call__(self, _: w3pin.Progress) -> None: ...


async def some_async() -> AsyncIterator[str]:
    yield "a.txt"


READS = ["resolve", "read", "stream", "open", "list", "fetch"]
"""The operations of retrievers."""

GOOD: dict[str, Any] = {
    "folder": "site",
    "bytes": b"hello",
    "value": {"a": 1},
    "stream": [b"hello"],
    "cid": CID,
    "id": ID,
    "ids": [ID],
    "content": "site",
    "body": "body",
    "upload": UPLOAD,
    "status": 201,
    "response": b"",
    "destination": "destination",
}
"""Valid values of each argument."""
OWN: dict[str, Any] = {
    "pin_car": {"path": "site.car"},
    "pin_file": {"path": "report.txt"},
    "pin_path": {"path": "site"},
    "sync_folder": {"name": "example.org"},
    "pin_files": {"items": ["site"]},
    "pin_files_as_completed": {"items": ["site"]},
    "pin_cids": {"items": [CID]},
    "pin_cids_as_completed": {"items": [CID]},
    **{operation: {"path": CID} for operation in READS},
}
"""Valid values for one operation."""

NO_PATH = [None, 7, b"report.txt", ["report.txt"], {"report.txt"}]
NO_TEXT = [7, b"text", ["text"], True, Path("text")]
NO_COUNT = [True, 1.0, "1", [], b"1"]
NO_TIME = [True, "5", [], b"5"]
NO_PAIRS = ["a", [("a", "b")], 7, {"a": 1}, {1: "a"}, {"a": None}, {"a": b"b"}]
NO_SOME = ["a", b"a", bytearray(b"a"), memoryview(b"a"), Path("a"), {"a": "b"}, 7, io.BytesIO(b"a")]
NO_SOME_TEXTS = [*NO_SOME, [7], [None], [b"a"], [["a"]], some_async()]

WORDS = ["Verify", "Profile", "Symlinks", "FetchSymlinks", "Pinned", "SortBy", "SortOrder"]
WRONG: dict[str, list[Any]] = {
    "StrPath": NO_PATH,
    "Folder": [
        None,
        7,
        b"site",
        ["site"],
        {"a": "text"},
        {"a": None},
        {1: b"a"},
        {"a": {"b": b""}},
    ],
    "Content": [None, 7, ["site"], {"a": "text"}, {"a": None}, {1: b"a"}],
    "BytesLike": [None, "text", 7, [104], io.BytesIO(b"a")],
    "Stream": [None, "a", b"a", Path("a"), 7, {"a": b"a"}, {b"a"}, ["a"], [7], io.StringIO("a")],
    "str": [None, *NO_TEXT],
    "int": [None, *NO_COUNT],
    "Collection[StrPath | FileItem]": [*NO_SOME_TEXTS, None, [w3pin.FileItem(7)]],  # type: ignore[arg-type]
    "Collection[str | CidItem]": [*NO_SOME_TEXTS, None, [w3pin.CidItem(CID, name=7)]],  # type: ignore[arg-type]
    "Collection[str]": [*NO_SOME_TEXTS, None, [PIN]],
    "PreparedUpload": [None, "{}", {}, 7],
    "str | None": NO_TEXT,
    "int | None": NO_COUNT,
    "bool | None": [1, 0, "yes", []],
    "Seconds | None": NO_TIME,
    "KeyValues | None": NO_PAIRS,
    "Collection[str] | None": NO_SOME_TEXTS,
    "RetryPolicy | None": [3, True, "never", w3pin.RetryPolicy(attempts=True)],
    "OnProgress | None": [
        7,
        "print",
        [print],
        coroutine,
        partial(coroutine),
        AsyncListener(),
        partial(AsyncListener()),
    ],
    "BytesLike | None": ["text", 7, [104]],
    "RateLimit | None": [True, 1.5, [], b"unlimited"],
    **{f"{word} | None": NO_TEXT for word in WORDS},
}
"""Values of a wrong type, by declared type."""
WRONG["AsyncStream"] = WRONG["Stream"]
WRONG["OnFetchProgress | None"] = WRONG["OnProgress | None"]

BAD: dict[str, list[Any]] = {
    "StrPath": ["", "a\0b"],
    "Folder": ["", {}, {"../a": b"a"}, {"": b"a"}, {"a": b""}, {"a": b"a", "a/b": b"b"}],
    "Content": ["", "a\0b"],
    "BytesLike": [],
    "str": ["", "oops", "a\0b", HALF, f"{CID}/below", "\x1b[31m"],
    "int": [-1, 2**64, 7],
    "str | None": [HALF],
    "int | None": [-1, 2**64, 10**5000],
    "Seconds | None": [-1, -1e-3, math.nan, -math.inf, -(10**400), timedelta(-1)],
    "KeyValues | None": [{"": "a"}, {HALF: "a"}, {"a": HALF}, {"w3pin.attempt": "a"}],
    "Collection[str] | None": [[HALF], [""]],
    "RetryPolicy | None": [w3pin.RetryPolicy(0), w3pin.RetryPolicy(base_delay=-1)],
    "RateLimit | None": [0, -1, 2**64, "none", HALF],
    "BytesLike | None": [b"no certificate"],
    **{f"{word} | None": ["", "maybe", HALF] for word in WORDS},
}
"""Invalid values, by declared type."""

FINE: list[Any] = [
    # Ids are chosen by the service.
    *[("id", value) for value in ("oops", f"{CID}/below")],
    *[(read, "path", f"{CID}/below") for read in READS],
    # Any text is a valid name.
    *[("sync_folder", "name", value) for value in ("oops", "a\0b", f"{CID}/below", "\x1b[31m")],
    # Searching for it is harmless.
    *[
        (listing, "keyvalues", {key: "a"})
        for listing in ("list_pins", "pins")
        for key in ("", "w3pin.attempt")
    ],
]
"""Values that are valid there."""

OPERATIONS = sorted([name for name in dir(w3pin.Client) if public(name)] + FREE)


def cases(bad: dict[str, list[Any]], client: type[Any], operation: str) -> Iterator[Any]:
    """Each argument of an operation, with each invalid value of its type."""
    for name, declared in takes(getattr(w3pin if operation in FREE else client, operation)).items():
        for value in bad.get(declared["type"], []):
            if (name, value) not in FINE and (operation, name, value) not in FINE:
                yield name, value


def shown(value: object) -> str:
    text = repr(value) if not isinstance(value, int) or abs(value) < 2**65 else "huge"
    return text.encode("ascii", "backslashreplace").decode().split(" at 0x")[0]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.txt").write_text("hello")
    Path("site").mkdir()
    Path("site/index.html").write_text("hello")
    w3pin.pack_car("site", "site.car")


@cache
def made(client: Any) -> Any:
    # Nobody listens there.
    if issubclass(client, RetrieverConnection):
        return client(gateways=["http://127.0.0.1:1"], retry=w3pin.RetryPolicy(1))
    return client("key", "secret", endpoint="http://127.0.0.1:1", retry=w3pin.RetryPolicy(1))


def call(client: Any, operation: str, name: str, value: object) -> None:
    """Raises the error of the call, or of its only item."""
    function = getattr(w3pin if operation in FREE else made(client), operation)
    good = GOOD | OWN.get(operation, {})
    arguments = {name: good[name] for name in takes(function) if name in good} | {name: value}
    answer = function(**arguments)
    if hasattr(answer, "__anext__"):
        answer = anext(answer)
    if hasattr(answer, "__await__"):
        answer = asyncio.run(awaited(answer))
    if hasattr(answer, "__next__"):
        answer = next(answer)
    [found] = answer if isinstance(answer, list) else [getattr(answer, "result", answer)]
    if isinstance(found, Exception):
        raise found


async def awaited(answer: Any) -> Any:
    return await answer


everywhere = pytest.mark.parametrize(
    ("client", "operation"),
    [
        *((w3pin.Client, operation) for operation in OPERATIONS),
        *((w3pin.AsyncClient, operation) for operation in OPERATIONS if operation not in FREE),
        *((w3pin.Retriever, operation) for operation in READS),
        *((w3pin.AsyncRetriever, operation) for operation in READS),
    ],
)


@everywhere
def test_a_wrong_type_is_refused_by_name(client: type[Any], operation: str) -> None:
    problems = []
    for name, value in cases(WRONG, client, operation):
        own = "attempts" if isinstance(value, w3pin.RetryPolicy) else name
        try:
            call(client, operation, name, value)
        except TypeError as error:
            text = str(error)
            if own in text and ("takes" in text or "gives" in text):
                continue
            problems.append(f"{name}={shown(value)}: {text}")
        except Exception as error:
            problems.append(f"{name}={shown(value)}: {error!r}")
        else:
            problems.append(f"{name}={shown(value)} is accepted")
    assert not problems


@everywhere
def test_a_bad_value_is_refused_by_name(client: type[Any], operation: str) -> None:
    problems = []
    for name, value in cases(BAD, client, operation):
        try:
            call(client, operation, name, value)
        except (w3pin.InvalidInputError, w3pin.LocalIoError) as error:
            if (error.field or error.path is not None) and "\x1b" not in str(error):
                continue
            problems.append(f"{name}={shown(value)}: {error}")
        except Exception as error:
            problems.append(f"{name}={shown(value)}: {error!r}")
        else:
            problems.append(f"{name}={shown(value)} is accepted")
    assert not problems


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(TypeError, match=r"pin_bytes\(\) got an unexpected .*'colour'"):
        call(w3pin.Client, "pin_bytes", "colour", "red")
    with pytest.raises(TypeError, match=r"Client\(\) got an unexpected .*'colour'"):
        w3pin.Client("key", "secret", colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Retriever\(\) got an unexpected .*'endpoint'"):
        w3pin.Retriever(endpoint="aiozpin")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"read\(\) got an unexpected .*'colour'"):
        call(w3pin.Retriever, "read", "colour", "red")


SETTINGS = takes(w3pin.Client, w3pin.Client.__init__)
SETTINGS.pop("credentials")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_refused_by_name(name: str) -> None:
    of = SETTINGS[name]["type"]
    known = ["attempts", "base_delay"] if name == "retry" else [name.removesuffix("s")]
    for values, refusal in ((WRONG, TypeError), (BAD, w3pin.InvalidInputError)):
        for value in values.get(of, []):
            options: Any = {name: value}
            with pytest.raises(refusal) as raised:
                w3pin.Client("key", "secret", **options)
            found = getattr(raised.value, "field", None) or str(raised.value)
            assert any(word in found for word in known)
            if name in w3pin.RetrieverOptions.__annotations__:
                with pytest.raises(refusal):
                    w3pin.Retriever(**options)


def test_what_to_give_instead_is_said(tmp_path: Path) -> None:
    client: Any = made(w3pin.Client)
    with pytest.raises(TypeError, match=r"id takes a str, not Pin: give its id$"):
        client.unpin(PIN)
    with pytest.raises(TypeError, match=r"ids\[0\] takes a str, not Pin: give its id$"):
        client.unpin_many([PIN])
    with pytest.raises(TypeError, match=r"cid takes a str, not Pin: give its cid$"):
        client.pin_by_cid(PIN)
    with pytest.raises(TypeError, match=r"items\[0\] takes a str, not Pin: give its cid$"):
        client.pin_cids([PIN])
    with pytest.raises(TypeError, match=r"cid takes a str, not Root: give its cid$"):
        w3pin.verify(b"hello", w3pin.Root(CID, 5, 5))  # type: ignore[arg-type]
    retriever: Any = made(w3pin.Retriever)
    with pytest.raises(TypeError, match=r"path takes a str, not Pin: give its cid$"):
        retriever.read(PIN)
    with pytest.raises(TypeError, match=r"path takes a str, not Node: give its cid$"):
        retriever.open(w3pin.Node(CID, "file"))
    for pem in ("ca.pem", tmp_path):
        with pytest.raises(TypeError, match=r"root_certificates_pem takes .* read the file"):
            w3pin.Client("key", "secret", root_certificates_pem=pem)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [7, b"key", "", "two words", "a\nb", HALF, "schlüssel"])
def test_a_bad_key_is_refused_and_not_shown(key: Any) -> None:
    for keys in ((key, "secret"), ("key", key)):
        with pytest.raises((TypeError, w3pin.InvalidInputError), match="key") as raised:
            w3pin.Client(*keys, environment=False)
        assert "two words" not in str(raised.value)
