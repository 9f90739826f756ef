from __future__ import annotations

import json
import math
import os
from array import array
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest

import w3pin
from w3pin import InvalidInputError, compute_cid

if TYPE_CHECKING:
    from pathlib import Path

    from w3pin.testing import LocalServer

HELLO = compute_cid(b"hello").cid


class AsPath(os.PathLike[str]):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_paths_are_text_or_path_like(client: w3pin.Client, tmp_path: Path) -> None:
    path = tmp_path / "hello"
    path.write_bytes(b"hello")
    for given in (str(path), path, AsPath(path)):
        assert client.pin_file(given).cid == HELLO
    assert client.pin_folder(tmp_path, name="folder").is_dir
    assert client.pin_path(tmp_path).is_dir


@pytest.mark.parametrize(
    "data", [b"hello", bytearray(b"hello"), memoryview(b"-hello-")[1:-1], array("b", b"hello")]
)
def test_bytes_are_anything_like_bytes(client: w3pin.Client, data: Any) -> None:
    assert client.pin_bytes(data).cid == HELLO


def test_json_is_what_json_can_hold(client: w3pin.Client) -> None:
    value = {"b": [1.0, 2.5, None, True], "a": "ü"}
    text = '{"a":"ü","b":[1,2.5,null,true]}'
    assert client.pin_json(value).cid == compute_cid(text.encode()).cid
    loop: list[Any] = []
    loop.append(loop)
    for bad in ({1, 2}, float("nan"), loop, object(), 2**53, "\ud800", b"bytes", 10**5000):
        with pytest.raises(InvalidInputError) as raised:
            client.pin_json(bad)
        assert raised.value.field == "value"


def test_times_are_seconds_or_timedelta(w3pin_server: LocalServer) -> None:
    for time in (5, 5.5, timedelta(seconds=5), timedelta.max, math.inf, 1e300, 10**400):
        retry = w3pin.RetryPolicy(2, base_delay=time, max_delay=time, budget=time)
        with w3pin_server.client(
            connect_timeout=time, idle_timeout=time, call_timeout=time, retry=retry
        ) as client:
            pin = client.pin_bytes(b"hello", timeout=time)
            client.wait_until_pinned(pin.id, deadline=time, first_delay=0.01, max_delay=time)


def test_none_is_as_good_as_nothing(client: w3pin.Client) -> None:
    pin = client.pin_bytes(b"x", name=None, keyvalues=None, verify=None, timeout=None, retry=None)
    assert pin.verification.is_verified


def test_keyvalues_may_be_any_mapping(client: w3pin.Client) -> None:
    from types import MappingProxyType

    pin = client.pin_bytes(b"x", keyvalues=MappingProxyType({"a": "b"}))
    assert client.get_pin(pin.id).keyvalues == {"a": "b"}


@pytest.mark.parametrize("some", [list, tuple, set, frozenset, iter, dict.fromkeys])
def test_some_are_any_collection(client: w3pin.Client, some: Any) -> None:
    cids = some(["bafkqaaa"])
    pins = client.pin_cids(cids.keys() if isinstance(cids, dict) else cids)
    assert [pin.cid for pin in pins if isinstance(pin, w3pin.Pin)] == ["bafkqaaa"]


def test_a_single_text_publishes_nothing(
    client: w3pin.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("private")
    for call in (client.pin_files, client.pin_files_as_completed):
        for given in ("./a", b"./a", tmp_path / "a"):
            with pytest.raises(
                TypeError, match=r"items takes a collection of paths, not .* in a list"
            ):
                call(given)  # type: ignore[arg-type]
    assert client.list_pins().totals.files == 0


def test_a_folder_from_memory(client: w3pin.Client, tmp_path: Path) -> None:
    (tmp_path / "drop/images").mkdir(parents=True)
    (tmp_path / "drop/0.json").write_bytes(b"{}")
    (tmp_path / "drop/images/0.png").write_bytes(b"...")
    on_disk = client.pin_folder(tmp_path / "drop")
    files: dict[Any, Any] = {
        "0.json": bytearray(b"{}"),
        PurePath("images/0.png"): memoryview(b"..."),
    }
    pin = client.pin_folder(files, name="drop", verify="require")
    assert pin.is_dir
    assert pin.cid == on_disk.cid == compute_cid(files).cid
    assert w3pin.preview_upload(files, name="drop").cid == pin.cid
    with pytest.raises(InvalidInputError, match="another file"):
        client.pin_folder({"a": b"1", PurePath("a"): b"2"})


def test_items_have_names_of_their_own(client: w3pin.Client, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)
    own = w3pin.FileItem(tmp_path / "a", name="A", keyvalues={"token": "1"})
    items: list[w3pin.FileItem | Path] = [own, tmp_path / "b"]
    pins = client.pin_files(items, name="other", keyvalues={"drop": "1"})
    assert [isinstance(pin, w3pin.Pin) and (pin.name, pin.keyvalues) for pin in pins] == [
        ("A", {"drop": "1", "token": "1"}),
        ("other", {"drop": "1"}),
    ]


@pytest.mark.parametrize("exact", [1, 2**53 - 1, "9007199254740993"])
def test_whole_numbers_are_exact(client: w3pin.Client, exact: Any) -> None:
    assert (
        client.pin_json({"id": exact}).cid
        == compute_cid(f'{{"id":{json.dumps(exact)}}}'.encode()).cid
    )
