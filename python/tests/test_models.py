from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import w3pin
from w3pin import Page, Pin, Progress, RetryPolicy, Root, Totals, Verification

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
MODELS: list[Any] = [
    PIN,
    Page((PIN,), Totals(1, 5)),
    Totals(1, 5),
    Verification("verified", "kubo-cidv1-legacy"),
    Progress(1, 2, "file"),
    Root(CID, 5, 5),
    RetryPolicy(3, base_delay=0.25),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_are_values(model: Any) -> None:
    twins = [pickle.loads(pickle.dumps(model, protocol)) for protocol in range(2, 6)]
    for twin in [*twins, copy.copy(model), copy.deepcopy(model)]:
        assert twin == model
        assert hash(twin) == hash(model)
        assert repr(twin) == repr(model)
    assert model != "something else"
    assert repr(model).startswith(type(model).__name__ + "(")
    with pytest.raises((FrozenInstanceError, AttributeError)):
        model.new = 1
    for field in ("id", "pins", "files", "result", "bytes_sent", "cid", "attempts"):
        if hasattr(model, field):
            with pytest.raises((FrozenInstanceError, AttributeError)):
                setattr(model, field, None)


@pytest.mark.parametrize("model", MODELS[:-1], ids=lambda model: type(model).__name__)
def test_models_are_dictionaries_that_json_holds(model: Any) -> None:
    fields = model.to_dict()
    assert json.loads(json.dumps(fields)) == fields


def test_a_pin_differs_by_any_field() -> None:
    arguments = PIN.to_dict()
    for field, other in {"size": 6, "pinned": False, "keyvalues": {}, "status": "PENDING"}.items():
        assert Pin(**{**arguments, field: other}) != PIN


def test_repr_shows_what_matters() -> None:
    assert repr(PIN) == (
        f"Pin(id='3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2', cid='{CID}', name='héllo', size=5, "
        "status='DONE', pinned=True, verification='unproved')"
    )


def test_a_changed_copy_of_the_pairs_changes_no_pin() -> None:
    PIN.keyvalues["a"] = "c"
    assert PIN.keyvalues == {"a": "b"}


def test_dates_are_aware(client: w3pin.Client) -> None:
    pin = client.pin_bytes(b"hello")
    assert pin.date_pinned is not None
    assert pin.date_pinned.utcoffset() == timedelta()
    assert pickle.loads(pickle.dumps(pin)) == pin
    with pytest.raises(TypeError):
        Pin(id="1", cid=CID, date_pinned=datetime(2026, 1, 1))


def test_a_pin_is_parsed() -> None:
    with pytest.raises(w3pin.InvalidInputError):
        Pin(id="1", cid="nothing")
    with pytest.raises(w3pin.InvalidInputError):
        Pin(id="", cid=CID)
