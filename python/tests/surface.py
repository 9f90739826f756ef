"""What the package has, for the parity check: names from the package itself, documentation from its
sources.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any, get_args

import w3pin
from w3pin import _options, _types

SPELLED = {"api_key": "credentials", "secret_key": "credentials"}
"""Names that differ in Python."""
PYTHONS = {"close", "endpoint", "retriever"}
"""Parameters that only Python has."""
MODELS = [
    *(
        w3pin.Fetched,
        w3pin.FetchProgress,
        w3pin.FolderEntry,
        w3pin.Node,
        w3pin.PackedCar,
        w3pin.Page,
        w3pin.Pin,
        w3pin.PreparedUpload,
        w3pin.PreviewedFile,
        w3pin.Progress,
        w3pin.Proof,
    ),
    *(w3pin.Root, w3pin.Synced, w3pin.Totals, w3pin.UnreadablePin, w3pin.UploadPreview),
    w3pin.Verification,
]
READERS = {w3pin.Client: w3pin.Retriever, w3pin.AsyncClient: w3pin.AsyncRetriever}
"""The retriever of each client."""
FREE = ["compute_cid", "pack_car", "preview_upload", "verify"]
"""Functions that need no client."""
METHODS = {w3pin.Pin: ["ipfs_url", "gateway_url"]}
"""Fields of the contract that are methods or properties here."""
WORDS = {
    "verify": (_types.Verify, w3pin.PinFileOptions, "verify"),
    "symlinks": (_types.Symlinks, w3pin.PinFolderOptions, "symlinks"),
    "symlink_policy": (_types.FetchSymlinks, w3pin.FetchOptions, "symlinks"),
    "pinned": (_types.Pinned, w3pin.ListOptions, "pinned"),
    "sort_by": (_types.SortBy, w3pin.ListOptions, "sort_by"),
    "sort_order": (_types.SortOrder, w3pin.ListOptions, "sort_order"),
    "profile": (get_args(_types.Profile)[0], w3pin.CidOptions, "profile"),
}


def surface(client: type[w3pin.Client | w3pin.AsyncClient]) -> dict[str, Any]:
    """The surface of one client, including the functions that need none."""
    methods = {
        name: getattr(of, name)
        for of in (client, READERS[client])
        for name in dir(of)
        if public(name)
    }
    free = {name: getattr(w3pin, name) for name in FREE}
    errors = [getattr(w3pin, name) for name in w3pin.__all__ if name.endswith("Error")]
    kinds = [error for error in errors if error is not w3pin.PinningError]
    return {
        "operations": {
            name: {"doc": method.__doc__, "takes": takes(method)}
            for name, method in (methods | free).items()
        },
        "client": takes(client, client.__init__),
        "retry": attributes(w3pin.RetryPolicy),
        "types": {model.__name__: model_fields(model) for model in MODELS},
        "words": {
            name: {word: {"doc": options(of)[option]["doc"]} for word in get_args(literal)}
            for name, (literal, of, option) in WORDS.items()
        },
        "error_kinds": {error.kind: {"doc": error.__doc__} for error in kinds},
        "error_fields": attributes(w3pin.PinningError),
    }


def public(name: str) -> bool:
    return not name.startswith("_") and name not in PYTHONS


def takes(documented: Any, function: Any = None) -> dict[str, dict[str, str]]:
    """The arguments of a function, by its signature and docstring, and its options."""
    sentences = arguments_documented(documented.__doc__)
    found: dict[str, dict[str, str]] = {}
    for name, parameter in inspect.signature(function or documented).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            of = re.fullmatch(r"Unpack\[(\w+)\]", parameter.annotation)
            assert of, f"{documented} takes anything"
            found |= options(getattr(_options, of[1]))
        elif name in SPELLED:
            found[SPELLED[name]] = {"doc": sentences[name]}
        elif name != "self":
            found[name] = {"doc": sentences[name], "type": parameter.annotation}
    return found


def arguments_documented(doc: str) -> dict[str, str]:
    """The documentation of each argument in the docstring's section."""
    section = re.search(r"\n *Args:\n(.*?)(?=\n *\n|$)", doc + "\n\n", re.DOTALL)
    if not section:
        return {}
    lines = textwrap.dedent(section[1])
    parts = re.findall(r"^([\w, ]+): (.*(?:\n +.*)*)", lines, re.MULTILINE)
    return {name: " ".join(text.split()) for names, text in parts for name in names.split(", ")}


def options(of: Any) -> dict[str, dict[str, str]]:
    """The options of a class, including those of its base classes."""
    names = set(inspect.get_annotations(of))
    found = {name: it for name, it in declared(of.__module__)[of.__name__].items() if name in names}
    assert set(found) == names
    return found


def attributes(of: type) -> dict[str, dict[str, str]]:
    declarations = declared(of.__module__)[of.__name__]
    return {name: {"doc": it["doc"]} for name, it in declarations.items()}


def model_fields(model: Any) -> dict[str, dict[str, str]]:
    documented = attributes(model)
    names = [field.name for field in dataclasses.fields(model) if public(field.name)]
    found = {name: documented[name] for name in names}
    for name in METHODS.get(model, []):
        found[name] = {"doc": inspect.getattr_static(model, name).__doc__}
    return found


@cache
def declared(module: str) -> dict[str, dict[str, dict[str, str]]]:
    """The attributes that classes of a module declare, with their type and the docstring below."""
    path = importlib.import_module(module).__file__
    assert path
    classes: dict[str, dict[str, dict[str, str]]] = {}
    for node in ast.parse(Path(path).read_text()).body:
        if not isinstance(node, ast.ClassDef):
            continue
        own: dict[str, dict[str, str]] = {}
        for base in node.bases:
            own |= classes.get(ast.unparse(base), {})
        for statement, after in zip(node.body, [*node.body[1:], None], strict=True):
            if not isinstance(statement, ast.AnnAssign):
                continue
            is_doc = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            doc = inspect.cleandoc(str(after.value.value)) if is_doc else ""  # type: ignore[union-attr]
            own[ast.unparse(statement.target)] = {
                "doc": doc,
                "type": ast.unparse(statement.annotation),
            }
        classes[node.name] = own
    return classes
