"""Every scenario of the contract, through both clients over real HTTP."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import subprocess
import urllib.request
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import w3pin

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "crates/contract/scenarios"
SCENARIOS = [
    scenario
    for path in sorted(FOLDER.glob("*.json"))
    for scenario in json.loads(path.read_text())["scenarios"]
]
RAN: dict[str, list[str]] = {"python": [], "python-async": []}
MILLISECONDS = {"timeout", "deadline", "first_delay", "max_delay", "idle_timeout", "call_timeout"}
MANY = {"pin_files", "pin_cids", "unpin_many"}

pytestmark = pytest.mark.skipif(not SCENARIOS, reason="the contract isn't beside the package")


@pytest.fixture(scope="module")
def scenario_server() -> Iterator[str]:
    program = os.environ.get("W3PIN_SCENARIO_SERVER")
    build = ["cargo", "run", "--quiet", "--package", "w3pin-contract", "--bin", "w3pin-scenarios"]
    with subprocess.Popen(
        [program] if program else build,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        assert server.stdin is not None
        server.stdin.close()


@pytest.fixture(scope="module", autouse=True)
def parity() -> Iterator[None]:
    """Tells the parity check what there is and what was run."""
    yield
    folder = ROOT / "target/parity"
    folder.mkdir(parents=True, exist_ok=True)
    for name, client in (("python", w3pin.Client), ("python-async", w3pin.AsyncClient)):
        face = {"surface": surface(client), "ran": sorted(RAN[name]), "skipped": {}}
        (folder / f"{name}.json").write_text(json.dumps(face, indent=2))


@pytest.mark.parametrize("face", list(RAN))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario["id"]))
def test_scenario(
    scenario: dict[str, Any], face: str, scenario_server: str, tmp_path: Path
) -> None:
    write_files(tmp_path, scenario.get("files", {}))
    begun = ask(f"{scenario_server}/runs", scenario["id"])
    told: list[w3pin.Progress] = []
    try:
        found = {"result": call(face, begun["endpoint"], scenario, tmp_path, told)}
    except w3pin.PinningError as error:
        found = {"error": describe(error)}
    problems = differences(expected(scenario["expect"]), found)
    if scenario.get("options", {}).get("progress"):
        sent = [progress.bytes_sent for progress in told]
        if sent != sorted(sent) or not told or sent[-1] != told[-1].bytes_total:
            problems.append(f"the progress was {told}")
    problems += ask(f"{scenario_server}/runs/{begun['run']}")["problems"]
    assert not problems
    RAN[face].append(scenario["id"])


def write_files(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict) and "link_to" in content:
            path.symlink_to(content["link_to"])
        else:
            path.write_bytes(to_bytes(content))


def to_bytes(content: Any) -> bytes:
    text: str = content if isinstance(content, str) else content["repeat"] * content["times"]
    return text.encode()


def call(
    face: str, endpoint: str, scenario: dict[str, Any], folder: Path, told: list[w3pin.Progress]
) -> Any:
    operation = scenario["operation"]
    arguments = dict(scenario.get("arguments", {}))
    concurrency = arguments.pop("concurrency", None)
    given = [argument(name, value, folder) for name, value in arguments.items()]
    options = seconds(scenario.get("options", {}))
    if concurrency is not None:
        options["concurrency"] = concurrency
    if options.get("progress"):
        options["progress"] = told.append
    if "retry" in options:
        options["retry"] = retry_policy(options["retry"]["attempts"])
    if "gateway" in options:
        gateway = endpoint.removesuffix("/api/pinning")
        options["gateway"] = options["gateway"].replace("{gateway}", gateway)
    if operation == "compute_cid":
        return shown(operation, w3pin.compute_cid(*given, **options))
    settings = client_settings(endpoint, scenario.get("client", {}))
    if face == "python":
        with w3pin.Client(**settings) as client:
            answer = getattr(client, operation)(*given, **options)
            return shown(operation, list(answer) if operation == "pins" else answer)

    async def main() -> Any:
        async with w3pin.AsyncClient(**settings) as client:
            answer = getattr(client, operation)(*given, **options)
            if operation == "pins":
                return [pin async for pin in answer]
            return await answer

    return shown(operation, asyncio.run(main()))


def argument(name: str, value: Any, folder: Path) -> Any:
    match name:
        case "path":
            return folder / value
        case "paths":
            return [folder / path for path in value]
        case "bytes":
            return to_bytes(value)
        case "content":
            return folder / value["path"] if "path" in value else to_bytes(value["bytes"])
        case "stream":
            return [part.encode() for part in value]
        case _:
            return value


def seconds(options: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value / 1000 if name in MILLISECONDS else value for name, value in options.items()
    }


def retry_policy(attempts: int | None) -> w3pin.RetryPolicy:
    return w3pin.RetryPolicy(attempts, base_delay=0.001, max_delay=0.005)


def client_settings(endpoint: str, settings: dict[str, Any]) -> dict[str, Any]:
    settings = seconds(settings)
    retry = retry_policy(settings.pop("attempts", None))
    keys = {"api_key": "CONTRACT-KEY", "secret_key": "CONTRACT-SECRET"}
    return {"endpoint": endpoint, "retry": retry, **keys, **settings}


def shown(operation: str, answer: Any) -> Any:
    """What the contract sees of an answer."""
    if operation in MANY:
        return [
            {"error": describe(item)}
            if isinstance(item, w3pin.PinningError)
            else {"ok": None if item is None else item.to_dict()}
            for item in answer
        ]
    if isinstance(answer, list):
        return [pin.to_dict() for pin in answer]
    return None if answer is None else answer.to_dict()


def describe(error: w3pin.PinningError) -> dict[str, Any]:
    wait = error.retry_after
    return {
        **vars(error),
        "kind": error.kind,
        "says": str(error),
        "retry_after": None if wait is None else round(wait * 1000),
        "retryable": error.is_retryable,
    }


def expected(expect: dict[str, Any]) -> dict[str, Any]:
    if (error := expect.get("error")) and "says" in error:
        error = {**error, "says": f"{{contains:{error['says']}}}"}
    return {"error": error} if error else {"result": expect["result"]}


def differences(wanted: Any, found: Any, at: str = "") -> list[str]:
    """How what was found differs; objects may hold more than is wanted, lists may not."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        pairs = [(value, found.get(key), f"{at}.{key}") for key, value in wanted.items()]
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = [
            (*pair, f"{at}[{index}]") for index, pair in enumerate(zip(wanted, found, strict=True))
        ]
    elif isinstance(wanted, str) and wanted.startswith("{contains:"):
        part = wanted.removeprefix("{contains:").removesuffix("}")
        return [] if part in str(found) else [f"{at} is {found!r}, which doesn't hold {part!r}"]
    else:
        return [] if wanted == found else [f"{at} is {found!r}, not {wanted!r}"]
    return [problem for pair in pairs for problem in differences(*pair)]


def ask(url: str, body: str | None = None) -> Any:
    data = None if body is None else body.encode()
    with urllib.request.urlopen(url, data) as answer:
        return json.load(answer)


SPELLED = {
    "data": {"bytes"},
    "source": {"stream"},
    "length": {"stream"},
    "api_key": {"credentials"},
    "secret_key": {"credentials"},
    "insecure_http": {"endpoint"},
    "requests_per_minute": {"pacing"},
    "proxy": {"proxy", "no_proxy"},
    "root_certificates": {"root_certificates_pem"},
}
"""What is spelled otherwise in Python."""
PYTHONS = {"close", "endpoint", "is_live", "to_dict"}
"""What only Python has, or what has no argument to compare."""


def surface(client: type[w3pin.Client | w3pin.AsyncClient]) -> dict[str, Any]:
    """The names that the package has, by looking at it."""
    methods = {name: getattr(client, name) for name in dir(client) if public(name)}
    methods["compute_cid"] = w3pin.compute_cid
    models = (w3pin.Page, w3pin.Totals, w3pin.Verification, w3pin.Progress, w3pin.Root, w3pin.Proof)
    types = {model.__name__: [field.name for field in fields(model)] for model in models}
    types["Pin"] = [name for name in vars(w3pin.Pin) if public(name)]
    errors = [getattr(w3pin, name) for name in w3pin.__all__ if name.endswith("Error")]
    return {
        "operations": {name: parameters(method) for name, method in methods.items()},
        "client": parameters(client),
        "types": types,
        "error_kinds": [error.kind for error in errors if error is not w3pin.PinningError],
        "error_fields": [*w3pin.PinningError.__annotations__],
    }


def public(name: str) -> bool:
    return not name.startswith("_") and name not in PYTHONS


def parameters(function: Any) -> list[str]:
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    return sorted({word for name in names for word in SPELLED.get(name, {name})})
