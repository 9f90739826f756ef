"""Runs every scenario of the contract with both clients over real HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import w3pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "crates/contract/scenarios"
SCENARIOS = [
    scenario
    for path in sorted(FOLDER.glob("*.json"))
    for scenario in json.loads(path.read_text())["scenarios"]
]
SURFACES: list[type[w3pin.Client | w3pin.AsyncClient]] = [w3pin.Client, w3pin.AsyncClient]
NAMES: dict[type, str] = {w3pin.Client: "python", w3pin.AsyncClient: "python-async"}
RAN: dict[str, list[str]] = {name: [] for name in NAMES.values()}
MILLISECONDS = {"timeout", "deadline", "first_delay", "max_delay", "idle_timeout", "call_timeout"}
FREE: dict[str, Callable[..., Any]] = {
    name: getattr(w3pin, name) for name in ("compute_cid", "pack_car", "preview_upload", "verify")
}

READERS: dict[str, type[w3pin.Retriever | w3pin.AsyncRetriever]] = {
    "python": w3pin.Retriever,
    "python-async": w3pin.AsyncRetriever,
}
READS = ("resolve", "read", "stream", "open", "list", "fetch")

pytestmark = pytest.mark.skipif(not SCENARIOS, reason="the contract isn't beside the package")


@pytest.fixture(scope="module")
def scenario_server() -> Iterator[str]:
    programs = os.environ.get("W3PIN_PROGRAMS")
    build = ["cargo", "run", "--quiet", "--package", "w3pin-contract", "--bin", "w3pin-scenarios"]
    with subprocess.Popen(
        [f"{programs}/w3pin-scenarios"] if programs else build,
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
    """Reports the surface and the scenarios that ran to the parity check."""
    yield
    # Only if the sources are available.
    from surface import surface

    folder = ROOT / "target/parity"
    folder.mkdir(parents=True, exist_ok=True)
    for client in SURFACES:
        name = NAMES[client]
        report = {"surface": surface(client), "ran": sorted(RAN[name])}
        (folder / f"{name}.json").write_text(json.dumps(report, indent=2))


@pytest.mark.parametrize("client", SURFACES, ids=NAMES.get)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario["id"]))
def test_scenario(
    scenario: dict[str, Any],
    client: type[w3pin.Client | w3pin.AsyncClient],
    scenario_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_files(tmp_path, scenario.get("files", {}))
    begun = ask(f"{scenario_server}/runs", scenario["id"])
    endpoint = begun["endpoint"]
    settings = scenario.get("client", {})
    for name, value in settings.get("environment", {}).items():
        monkeypatch.setenv(name, value.replace("{endpoint}", endpoint))
    config = tmp_path.parent / f"{tmp_path.name}.toml"
    if "config" in settings:
        config.write_text(settings["config"].replace("{endpoint}", endpoint))
        config.chmod(0o600)
        monkeypatch.setenv("W3PIN_CONFIG", str(config))
    told: list[Any] = []
    run = Run(scenario, endpoint, tmp_path, told)
    try:
        if scenario["operation"] in READS:
            retriever = READERS[NAMES[client]](**retriever_settings(endpoint, settings))
            found = {"result": run.read(retriever)}
        else:
            found = {"result": run(client(**client_settings(endpoint, settings)))}
    except w3pin.PinningError as error:
        found = {"error": describe(error)}
    problems = differences(expected(scenario["expect"]), found)
    if scenario.get("options", {}).get("progress"):
        sent = [progress.bytes_sent for progress in told]
        if sent != sorted(sent) or not told or sent[-1] != told[-1].bytes_total:
            problems.append(f"the progress was {told}")
    if scenario.get("options", {}).get("on_progress"):
        result = found["result"]
        if not told or (told[-1].bytes, told[-1].files) != (result["bytes"], result["files"]):
            problems.append(f"the progress was {told}")
    problems += ask(f"{scenario_server}/runs/{begun['run']}")["problems"]
    assert not problems
    RAN[NAMES[client]].append(scenario["id"])


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
    if isinstance(content, dict) and "hex" in content:
        return bytes.fromhex(content["hex"])
    text: str = content if isinstance(content, str) else content["repeat"] * content["times"]
    return text.encode()


class Run:
    """A call of a scenario."""

    def __init__(
        self, scenario: dict[str, Any], endpoint: str, folder: Path, told: list[Any]
    ) -> None:
        self.operation = scenario["operation"]
        self.folder = folder
        arguments = scenario.get("arguments", {}).items()
        self.arguments = [self.argument(name, value) for name, value in arguments]
        self.options = seconds(scenario.get("options", {}))
        for listener in ("progress", "on_progress"):
            if self.options.get(listener):
                self.options[listener] = told.append
        if "retry" in self.options:
            self.options["retry"] = retry_policy(self.options["retry"]["attempts"])
        if "gateway" in self.options:
            gateway = endpoint.removesuffix("/api/pinning")
            self.options["gateway"] = self.options["gateway"].replace("{gateway}", gateway)
        if "check_gateways" in self.options:
            gateway = endpoint.removesuffix("/api/pinning")
            gateways = self.options["check_gateways"]
            self.options["check_gateways"] = [it.replace("{gateway}", gateway) for it in gateways]

    def argument(self, name: str, value: Any) -> Any:
        read: dict[str, Callable[[Any], Any]] = {
            "path": self.path if self.operation not in READS else str,
            "destination": self.path,
            "body": self.path,
            "folder": self.content,
            "content": self.content,
            "upload": self.content,
            "bytes": to_bytes,
            "response": to_bytes,
            "stream": lambda parts: [part.encode() for part in parts],
            "items": lambda items: [self.item(item) for item in items],
        }
        return read[name](value) if name in read else value

    def path(self, value: str) -> Path | str:
        # A path that is empty on purpose isn't joined.
        return self.folder / value if value else ""

    def content(self, value: Any) -> Any:
        match value:
            case {"bytes": bytes}:
                return to_bytes(bytes)
            case {"files": files}:
                return {path: to_bytes(content) for path, content in files.items()}
            case {"path": path} | path:
                return self.path(path)

    def item(self, item: Any) -> Any:
        is_path = self.operation.startswith("pin_files")
        if isinstance(item, str):
            return self.path(item) if is_path else item
        if is_path:
            return w3pin.FileItem(**{**item, "path": self.path(item["path"])})
        return w3pin.CidItem(**item)

    def __call__(self, client: w3pin.Client | w3pin.AsyncClient) -> Any:
        if isinstance(client, w3pin.AsyncClient):
            return asyncio.run(self.awaited(client))
        with client:
            match self.operation:
                case "prepare_upload":
                    upload = client.prepare_upload(*self.arguments, **self.options)
                    return shown(client.finish_upload(*sent(upload)))
                case "finish_upload":
                    content, status, response = self.arguments
                    upload = client.prepare_upload(content, self.folder / "body", **self.options)
                    return shown(client.finish_upload(upload, status, response))
                case operation:
                    call = FREE.get(operation) or getattr(client, operation)
                    answer = call(*self.arguments, **self.options)
                    if operation == "pins":
                        return [shown(pin) for pin in answer]
                    return shown(list(answer) if hasattr(answer, "__next__") else answer)

    def read(self, retriever: w3pin.Retriever | w3pin.AsyncRetriever) -> Any:
        """The result of reading back."""
        if isinstance(retriever, w3pin.AsyncRetriever):
            return asyncio.run(self.awaited_read(retriever))
        with retriever:
            answer = getattr(retriever, self.operation)(*self.arguments, **self.options)
            match self.operation:
                case "stream":
                    return {"bytes": b"".join(answer).decode()}
                case "open":
                    return {"size": answer.size, "bytes": answer.read().decode()}
                case "list":
                    return [shown(entry) for entry in answer]
        return self.shown_read(answer)

    async def awaited_read(self, retriever: w3pin.AsyncRetriever) -> Any:
        async with retriever:
            answer = getattr(retriever, self.operation)(*self.arguments, **self.options)
            match self.operation:
                case "stream":
                    return {"bytes": b"".join([piece async for piece in answer]).decode()}
                case "open":
                    file = await answer
                    return {"size": file.size, "bytes": (await file.read()).decode()}
                case "list":
                    return [shown(entry) async for entry in answer]
            return self.shown_read(await answer)

    def shown_read(self, answer: Any) -> Any:
        if isinstance(answer, bytes):
            return {"bytes": answer.decode()}
        if self.operation == "fetch":
            return {**shown(answer), "disk": on_disk(self.arguments[1])}
        return shown(answer)

    async def awaited(self, client: w3pin.AsyncClient) -> Any:
        async with client:
            match self.operation:
                case "prepare_upload":
                    upload = await client.prepare_upload(*self.arguments, **self.options)
                    kept = await asyncio.to_thread(sent, upload)
                    return shown(await client.finish_upload(*kept))
                case "finish_upload":
                    content, status, response = self.arguments
                    body = self.folder / "body"
                    upload = await client.prepare_upload(content, body, **self.options)
                    return shown(await client.finish_upload(upload, status, response))
                case operation if call := FREE.get(operation):
                    return shown(await asyncio.to_thread(call, *self.arguments, **self.options))
                case operation:
                    answer = getattr(client, operation)(*self.arguments, **self.options)
                    if operation == "pins":
                        return [shown(pin) async for pin in answer]
                    if hasattr(answer, "__anext__"):
                        return shown([item async for item in answer])
                    return shown(await answer)


def on_disk(path: Path) -> dict[str, str]:
    """The files written, by their path below the destination, which is itself empty."""
    return {
        found.relative_to(path).as_posix().removeprefix("."): (
            f"-> {os.readlink(found)}" if found.is_symlink() else found.read_text()
        )
        for found in [path, *path.rglob("*")]
        if found.is_symlink() or found.is_file()
    }


def sent(upload: w3pin.PreparedUpload) -> tuple[w3pin.PreparedUpload, int, bytes]:
    """Serializes a prepared upload, and sends it."""
    kept = upload.to_json()
    assert "CONTRACT-" not in kept + repr(upload)
    with open(upload.body, "rb") as body:
        request = urllib.request.Request(upload.url, body, dict(upload.headers))
        request.method = upload.method
        try:
            response = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refusal:
            response = refusal
        with response:
            return w3pin.PreparedUpload.from_json(kept), response.status, response.read()


def seconds(options: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value / 1000 if name in MILLISECONDS else value for name, value in options.items()
    }


def retry_policy(attempts: int | None) -> w3pin.RetryPolicy:
    return w3pin.RetryPolicy(attempts, base_delay=0.001, max_delay=0.005)


def client_settings(endpoint: str, settings: dict[str, Any]) -> dict[str, Any]:
    outside = ("environment", "config", "left_open", "attempts")
    own = seconds({name: value for name, value in settings.items() if name not in outside})
    usual = {"endpoint": endpoint, "api_key": "CONTRACT-KEY", "secret_key": "CONTRACT-SECRET"}
    if "token" in settings:
        usual = {"endpoint": endpoint}
    if settings.get("left_open"):
        usual = {}
    return {"retry": retry_policy(settings.get("attempts")), **usual, **own}


def retriever_settings(endpoint: str, settings: dict[str, Any]) -> dict[str, Any]:
    gateway = endpoint.removesuffix("/api/pinning")
    gateways = settings.get("gateways", ["{gateway}"])
    return {
        "retry": retry_policy(settings.get("attempts")),
        "gateways": [it.replace("{gateway}", gateway) for it in gateways],
    }


def shown(answer: Any) -> Any:
    """A result in the contract's format."""
    if isinstance(answer, list):
        answer = sorted(answer, key=lambda item: getattr(item, "index", 0))
        return [shown_item(getattr(item, "result", item)) for item in answer]
    return None if answer is None else json.loads(answer.to_json())


def shown_item(item: Any) -> Any:
    if isinstance(item, w3pin.PinningError):
        return {"error": describe(item)}
    return {"ok": shown(item)}


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
    """The differences from what is expected; objects may have additional fields, lists may not."""
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
