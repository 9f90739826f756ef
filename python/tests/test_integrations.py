"""Tests within popular frameworks and tools."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import aiofiles
import aiohttp
import anyio
import fastapi
import httpx
import pandas
import pydantic
import pytest
import trio
import uvicorn
from aiohttp import web
from IPython.testing.globalipapp import start_ipython

import w3pin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from w3pin.testing import LocalServer

DATA = bytes(range(251)) * 20_000
CID = w3pin.compute_cid(DATA).cid


def test_fastapi(w3pin_server: LocalServer) -> None:
    app = fastapi.FastAPI()
    client = w3pin_server.async_client()

    async def pin(file: Any) -> w3pin.Pin:
        return await client.pin_stream(file, keyvalues={"from": "fastapi"}, verify="require")

    pin.__annotations__ = {"file": fastapi.UploadFile, "return": w3pin.Pin}
    app.post("/pin")(pin)
    with serving(app) as url:
        sent = {"file": ("cat.png", DATA, "image/png")}
        answer = httpx.post(f"{url}/pin", files=sent, timeout=60)
    assert answer.status_code == 200, answer.text
    pin_of_json = answer.json()
    assert pin_of_json["cid"] == CID
    assert pin_of_json["name"] == "cat.png"
    assert pin_of_json["keyvalues"] == {"from": "fastapi"}
    assert "Pin" in app.openapi()["components"]["schemas"]


def test_fastapi_streams_what_is_read(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        pin = client.pin_bytes(DATA)
        client.wait_until_pinned(pin.id, first_delay=0.01)
    retriever = w3pin.AsyncRetriever(gateways=[w3pin_server.gateway])
    app = fastapi.FastAPI()

    @app.get("/content/{cid}")
    async def content(cid: str) -> Any:
        return fastapi.responses.StreamingResponse(retriever.stream(cid))

    with serving(app) as url:
        answer = httpx.get(f"{url}/content/{pin.cid}", timeout=60)
    assert answer.content == DATA


@contextlib.contextmanager
def serving(app: fastapi.FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


async def test_aiohttp(w3pin_server: LocalServer) -> None:
    async def content(_: Any) -> Any:
        return web.Response(body=DATA)

    app = web.Application()
    app.router.add_get("/", content)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    async with w3pin_server.async_client() as client, aiohttp.ClientSession() as session:
        async with session.get(f"http://{host}:{port}/") as response:
            assert (await client.pin_stream(response.content)).cid == CID
        async with session.get(f"http://{host}:{port}/") as response:
            assert (await client.pin_stream(response.content.iter_any())).cid == CID
    await runner.cleanup()


async def test_aiofiles(w3pin_server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(DATA)
    async with (
        w3pin_server.async_client() as client,
        aiofiles.open(tmp_path / "data", "rb") as file,
    ):
        pin = await client.pin_stream(file)
    assert (pin.cid, pin.name) == (CID, "data")


async def test_anyio(w3pin_server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(DATA)
    async with w3pin_server.async_client() as client:
        async with await anyio.open_file(tmp_path / "data", "rb") as file:
            assert (await client.pin_stream(file)).cid == CID
        async with anyio.create_task_group() as group:
            group.start_soon(client.pin_bytes, b"one")
            group.start_soon(client.pin_bytes, b"two")
        assert (await client.list_pins()).totals.files == 3
        with anyio.move_on_after(0):
            await client.list_pins()


def test_trio_is_refused_clearly(w3pin_server: LocalServer) -> None:
    client = w3pin_server.async_client()

    async def calls() -> None:
        with pytest.raises(RuntimeError, match="AsyncClient needs asyncio"):
            await client.list_pins()
        with pytest.raises(RuntimeError, match="AsyncClient needs asyncio"):
            await client.pin_stream([b"x"])
        with w3pin_server.client() as sync:
            page = await trio.to_thread.run_sync(sync.list_pins)
            assert page.totals.files == 0
        with pytest.raises(RuntimeError, match=r"AsyncRetriever needs asyncio.* call Retriever"):
            await client.retriever().read("bafkqaaa")

    trio.run(calls)


def test_pandas(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        for number in range(3):
            client.pin_bytes(b"%d" % number, name=f"pin-{number}")
        page = client.list_pins(sort_by="name", sort_order="asc")
        for pins in (page, list(client.pins(sort_by="name", sort_order="asc"))):
            frame = pandas.DataFrame(pins)
            assert list(frame.columns)[:3] == ["id", "cid", "name"]
            assert list(frame["name"]) == ["pin-0", "pin-1", "pin-2"]
            assert str(frame["date_pinned"].dtype).startswith("datetime64[")
        assert len(client.pin_cids(frame["cid"])) == 3


def test_pydantic(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        pin = client.pin_bytes(b"hello", keyvalues={"a": "b"})
        page = client.list_pins()
    adapter = pydantic.TypeAdapter(w3pin.Pin)
    assert adapter.validate_json(adapter.dump_json(pin)) == pin
    assert adapter.validate_json(pin.to_json()) == pin
    assert adapter.validate_python(pin.to_dict()) == pin
    assert adapter.json_schema()["required"] == ["id", "cid"]
    pages = pydantic.TypeAdapter(w3pin.Page)
    assert pages.validate_json(page.to_json()) == page
    record: Any = pydantic.create_model("Record", pin=(w3pin.Pin, ...))
    assert record(pin=pin).pin is pin
    assert record.model_validate_json(record(pin=pin).model_dump_json()).pin == pin
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_python({"id": "1"})


def test_notebooks(w3pin_server: LocalServer) -> None:
    shell = start_ipython()  # type: ignore[no-untyped-call]
    shell.display_formatter.active_types = ["text/plain", "text/html"]
    shell.user_ns["server"] = w3pin_server
    # A notebook runs an event loop, and awaits top-level expressions in it.
    ran = shell.run_cell(
        "client = server.async_client()\n"
        "pin = await client.pin_bytes(b'hello')\n"
        "with server.client() as sync:\n"
        "    page = sync.list_pins()\n"
        "read = await client.retriever().read('bafkqac3imvwgy3zao5xxe3de')\n"
        "page"
    )
    ran.raise_error()
    assert shell.user_ns["read"] == b"hello world"
    data, _ = shell.display_formatter.format(ran.result)
    assert "<table>" in data["text/html"]
    data, _ = shell.display_formatter.format(shell.user_ns["pin"])
    assert "<table>" in data["text/html"]


def test_a_loop_within_a_loop(w3pin_server: LocalServer) -> None:
    program = f"""
import asyncio, nest_asyncio, w3pin
nest_asyncio.apply()
client = w3pin.AsyncClient({w3pin_server.api_key!r}, {w3pin_server.secret_key!r},
                           endpoint={w3pin_server.url!r})
async def main():
    return asyncio.get_event_loop().run_until_complete(client.pin_bytes(b"hello"))
print(asyncio.run(main()).cid)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.stdout.strip() == w3pin.compute_cid(b"hello").cid, ran.stderr


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout is of 3.11")
async def test_a_timeout_of_asyncio(deaf_endpoint: str, big_file: Path) -> None:
    async with w3pin.AsyncClient("key", "secret", endpoint=deaf_endpoint) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.pin_file(big_file)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(client.pin_files_as_completed([big_file]))


def test_json_of_a_page(w3pin_server: LocalServer) -> None:
    with w3pin_server.client() as client:
        client.pin_bytes(b"hello")
        assert json.loads(client.list_pins().to_json())["totals"] == {"files": 1, "size": 5}
