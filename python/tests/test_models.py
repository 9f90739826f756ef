from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import w3pin
from w3pin import (
    CidItem,
    Completed,
    FileItem,
    Page,
    Pin,
    PreparedUpload,
    PreviewedFile,
    Progress,
    Proof,
    RetryPolicy,
    Root,
    Totals,
    UnreadablePin,
    UploadPreview,
    Verification,
)

CID = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
PIN = Pin(
    id="3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2",
    cid=CID,
    name="héllo",
    size=5,
    status="DONE",
    pinned=True,
    date_pinned=datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc),
    keyvalues={"a": "b"},
    verification=Verification("unproved", computed_cid=CID),
)
PAGE = Page((PIN,), Totals(1, 5), (UnreadablePin(1, None, "it has no CID"),))
RESULTS: list[Any] = [
    PIN,
    PAGE,
    Totals(1, 5),
    UnreadablePin(7, "id", "an odd date"),
    Verification("verified", "kubo-cidv1-legacy"),
    Progress(1, 2, "file", 3, 4),
    Root(CID, 5, 5),
    Proof(1, 2, 3),
    UploadPreview(CID, 1, (PreviewedFile("a", 1),)),
]
MODELS = [*RESULTS, Completed(0, PIN), RetryPolicy(3, base_delay=0.25), FileItem("a"), CidItem(CID)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_are_values(model: Any) -> None:
    twins = [pickle.loads(pickle.dumps(model, protocol)) for protocol in range(2, 6)]
    for twin in [*twins, copy.copy(model), copy.deepcopy(model)]:
        assert twin == model
        assert hash(twin) == hash(model)
        assert repr(twin) == repr(model)
    assert model != "something else"
    assert repr(model).startswith(type(model).__name__ + "(")
    for field in [*vars(model), "new"]:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(model, field, None)


@pytest.mark.parametrize("model", RESULTS, ids=lambda model: type(model).__name__)
def test_results_are_dictionaries_and_json(model: Any) -> None:
    fields = model.to_dict()
    assert list(fields) == [field.name for field in dataclasses.fields(model)]
    assert type(model)(**fields) == model or isinstance(model, UploadPreview)
    assert dataclasses.asdict(model) == fields
    assert list(json.loads(model.to_json())) == list(fields)


def test_a_pin_as_a_dictionary_has_real_dates() -> None:
    assert PIN.to_dict()["date_pinned"] == PIN.date_pinned
    assert json.loads(PIN.to_json())["date_pinned"] == "2026-01-02T03:04:05.678901Z"
    assert json.loads(PAGE.to_json())["pins"][0]["verification"]["result"] == "unproved"


def test_a_pin_of_the_service_is_a_pin_like_any(client: w3pin.Client) -> None:
    pin = client.pin_bytes(b"hello", keyvalues={"a": "b"})
    assert list(vars(pin)) == [field.name for field in dataclasses.fields(Pin)]
    assert Pin(**pin.to_dict()) == pickle.loads(pickle.dumps(pin)) == pin
    assert Pin(**json.loads(pin.to_json())) == pin
    assert dataclasses.replace(pin, name="other").name == "other"
    assert pin.date_pinned is not None
    assert pin.date_pinned.utcoffset() == timedelta()
    assert repr(pin).startswith(f"Pin(id='{pin.id}', cid='{pin.cid}', name='bytes', size=None")


def test_a_pin_differs_by_any_field() -> None:
    changes: dict[str, Any] = {"size": 6, "pinned": False, "keyvalues": {}, "status": "PENDING"}
    for field, other in changes.items():
        assert dataclasses.replace(PIN, **{field: other}) != PIN


def test_addresses() -> None:
    assert PIN.ipfs_url == f"ipfs://{CID}"
    for gateway in ("https://ipfs.io", "https://ipfs.io/", "https://ipfs.io/ipfs/"):
        assert PIN.gateway_url(gateway) == f"https://ipfs.io/ipfs/{CID}"
    with pytest.raises(w3pin.InvalidInputError) as raised:
        PIN.gateway_url("ipfs.io")
    assert raised.value.field == "gateway"
    with pytest.raises(TypeError, match="gateway takes a str"):
        PIN.gateway_url(None)  # type: ignore[arg-type]


def test_notebooks_show_tables() -> None:
    hostile = dataclasses.replace(PIN, name="<script>", keyvalues={"&": "'"})
    for html in (hostile._repr_html_(), Page((hostile,), Totals(9))._repr_html_()):
        assert html.startswith("<table>")
        assert "&lt;script&gt;" in html
        assert "<script>" not in html
    assert "entry 1 can&#x27;t be read: it has no CID" in PAGE._repr_html_()


def test_a_page_is_a_collection() -> None:
    assert list(PAGE) == [PIN]
    assert PAGE[0] == PAGE[-1] == PIN
    assert len(PAGE) == 1
    assert PAGE.totals.files == 1


def test_a_prepared_upload_is_kept_without_keys(client: w3pin.Client, tmp_path: Any) -> None:
    upload = client.prepare_upload(b"hello", tmp_path / "body")
    assert upload.headers["pinning_api_key"]
    kept = [upload.to_json(), repr(upload), str(pickle.dumps(upload))]
    for key in ("pinning_api_key", "pinning_secret_key"):
        assert not any(upload.headers[key] in text for text in kept)
    twin = PreparedUpload.from_json(upload.to_json())
    assert dataclasses.replace(twin, headers=upload.headers) == upload
    assert pickle.loads(pickle.dumps(upload)) == twin
    for text in ("", "{}", "[]", "7"):
        with pytest.raises(w3pin.InvalidInputError):
            PreparedUpload.from_json(text)
    kept = json.loads(upload.to_json())
    wrong: list[Any] = [None, True, -1, 1.5, []]
    for name in kept:
        for value in wrong:
            with pytest.raises(w3pin.InvalidInputError, match="isn't that of a prepared upload"):
                PreparedUpload.from_json(json.dumps(kept | {name: value}))
    with pytest.raises(TypeError, match="text takes a str, not dict"):
        PreparedUpload.from_json({})  # type: ignore[arg-type]
