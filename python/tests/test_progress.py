from __future__ import annotations

import asyncio
import io
import threading
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

import w3pin

if TYPE_CHECKING:
    from pathlib import Path

    from w3pin import Progress
    from w3pin.testing import LocalServer

SIZE = 64 << 20


class StopError(Exception):
    pass


def stop(_: Progress) -> None:
    raise StopError


def check(told: list[Progress]) -> None:
    sent = [progress.bytes_sent for progress in told]
    assert sent == sorted(sent)
    assert sent[-1] == told[-1].bytes_total == SIZE
    assert told[-1].file == "big"


def test_progress_rises_to_the_end(client: w3pin.Client, big_file: Path) -> None:
    told: list[Progress] = []
    client.pin_file(big_file, progress=told.append)
    check(told)


async def test_progress_is_told_in_the_event_loop(
    w3pin_server: LocalServer, big_file: Path
) -> None:
    told: list[Progress] = []
    threads = set()

    def tell(progress: Progress) -> None:
        asyncio.get_running_loop()
        threads.add(threading.get_ident())
        told.append(progress)

    async with w3pin_server.async_client() as client:
        await client.pin_file(big_file, progress=tell)
    check(told)
    assert threads == {threading.get_ident()}


async def test_what_it_raises_ends_the_upload(w3pin_server: LocalServer, big_file: Path) -> None:
    with w3pin_server.client() as client:
        with pytest.raises(StopError):
            client.pin_file(big_file, progress=stop)
        with pytest.raises(StopError):
            client.pin_files([big_file], progress=stop)
        assert client.list_pins().totals.files == 0
    async with w3pin_server.async_client() as client:
        with pytest.raises(StopError):
            await client.pin_file(big_file, progress=stop)


def test_a_call_within_a_call(client: w3pin.Client) -> None:
    names: list[list[str | None]] = []
    client.pin_bytes(b"hello", progress=lambda _: names.append([pin.name for pin in client.pins()]))
    assert names


def test_a_bar_of_tqdm(client: w3pin.Client, big_file: Path) -> None:
    shown = io.StringIO()
    client.pin_file(big_file, progress=w3pin.progress.tqdm(file=shown, desc="big"))
    assert "big: 100%" in shown.getvalue()
    assert "64.0M" in shown.getvalue()


def test_a_bar_of_rich(client: w3pin.Client, big_file: Path) -> None:
    shown = io.StringIO()
    bar = w3pin.progress.rich("big", console=Console(file=shown, force_terminal=True))
    client.pin_file(big_file, progress=bar)
    assert "67.1/67.1 MB" in shown.getvalue()
