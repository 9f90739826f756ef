"""Tests with misbehaving gateways: no wrong byte is returned, and no wait is endless."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from dag import Dag, car
from gateway import CAR, Answer, Gateway, serving

import w3pin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = random.Random(5).randbytes(1_500_000)
DAG = Dag()
ROOT = DAG.file(DATA)
FOLDER = DAG.folder({"data": ROOT})
OTHER = Dag()
ELSEWHERE = OTHER.file(DATA[::-1])


def flipped(_: str, answer: Answer) -> Answer:
    body = bytearray(answer.body)
    body[-1] ^= 1
    return Answer(bytes(body), headers=answer.headers)


def flipped_inside(form: str, answer: Answer) -> Answer:
    return flipped(form, answer) if form == "raw" else flipped_car(answer)


def flipped_car(answer: Answer) -> Answer:
    body = bytearray(answer.body)
    body[len(body) // 2] ^= 1
    return Answer(bytes(body), headers=answer.headers)


def truncated(_: str, answer: Answer) -> Answer:
    return Answer(answer.body, headers=answer.headers, cut_at=len(answer.body) // 2)


def ended_early(_: str, answer: Answer) -> Answer:
    return Answer(answer.body[: len(answer.body) // 2], headers=answer.headers)


def other_content(form: str, _: Answer) -> Answer:
    blocks = list(OTHER.blocks.items())
    if form == "car":
        return Answer(car([ELSEWHERE], blocks), headers={"Content-Type": CAR})
    return Answer(OTHER.blocks[ELSEWHERE])


def empty_car(form: str, answer: Answer) -> Answer:
    return Answer(car([ROOT], []), headers=answer.headers) if form == "car" else answer


def web_page(_: str, __: Answer) -> Answer:
    return Answer(b"<html>log in</html>", headers={"Content-Type": "text/html"})


def status(code: int, **headers: str) -> Callable[[str, Answer], Answer]:
    return lambda _, __: Answer(b"no", code, headers)


def stalled(_: str, answer: Answer) -> Answer:
    cut_at = len(answer.body) // 2
    return Answer(answer.body, headers=answer.headers, cut_at=cut_at, stall=True)


BAD: dict[str, Callable[[str, Answer], Answer]] = {
    "a bit flipped at the end": flipped,
    "a bit flipped in the middle": flipped_inside,
    "the connection breaks": truncated,
    "it ends early": ended_early,
    "other content": other_content,
    "a web page": web_page,
    "nothing": lambda _, answer: Answer(b"", headers=answer.headers),
    "not found": status(404),
    "gone": status(410),
    "an error of its own": status(500),
    "too many requests": status(429, **{"Retry-After": "3600"}),
    "it stalls": stalled,
}
# Each has a separate port; a requested pause applies to the host.
FEW = w3pin.RetryPolicy(attempts=2, base_delay=0.01, max_delay=0.02, budget=5)


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("cars", [True, False], ids=["cars", "blocks"])
def test_no_wrong_byte_gets_out(
    spoil: Callable[[str, Answer], Answer], cars: bool, tmp_path: Path
) -> None:
    bad = Gateway(DAG, spoil, cars=cars)
    with (
        serving(bad) as urls,
        w3pin.Retriever(gateways=urls, retry=FEW, idle_timeout=0.5) as retriever,
    ):
        given = bytearray()

        def read() -> None:
            for piece in retriever.stream(ROOT):
                given.extend(piece)

        with pytest.raises(w3pin.PinningError) as raised:
            read()
        assert DATA.startswith(given)
        assert not isinstance(raised.value, w3pin.InvalidInputError)
        with pytest.raises(w3pin.PinningError):
            retriever.read(ROOT)
        with pytest.raises(w3pin.PinningError):
            retriever.open(ROOT).read()
        with pytest.raises(w3pin.PinningError):
            retriever.fetch(ROOT, tmp_path / "data")
        assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())
def test_another_gateway_steps_in(spoil: Callable[[str, Answer], Answer], tmp_path: Path) -> None:
    bad, good = Gateway(DAG, spoil), Gateway(DAG)
    with (
        serving(bad, good) as urls,
        w3pin.Retriever(gateways=urls, retry=FEW, idle_timeout=0.5) as retriever,
    ):
        assert b"".join(retriever.stream(ROOT)) == DATA
        assert retriever.read(ROOT, start=1_000_000) == DATA[1_000_000:]
        retriever.fetch(ROOT, tmp_path / "data")
        assert (tmp_path / "data").read_bytes() == DATA


def test_an_empty_car_leaves_the_blocks() -> None:
    with serving(Gateway(DAG, empty_car)) as urls, w3pin.Retriever(gateways=urls) as retriever:
        assert retriever.read(ROOT) == DATA


def test_a_liar_is_never_asked_again() -> None:
    bad = Gateway(DAG, flipped)
    with serving(bad) as urls, w3pin.Retriever(gateways=urls, retry=FEW) as retriever:
        for _ in range(2):
            with pytest.raises(w3pin.DecodeError):
                retriever.read(ROOT)
        asked = len(bad.requests)
        with pytest.raises(w3pin.DecodeError, match="wrong blocks"):
            retriever.resolve(ROOT)
        assert len(bad.requests) == asked


def test_errors_tell_what_happened() -> None:
    for code, error in ((404, w3pin.NotFoundError), (500, w3pin.ApiError)):
        gateway = Gateway(DAG, status(code))
        with serving(gateway) as urls, w3pin.Retriever(gateways=urls, retry=FEW) as retriever:
            with pytest.raises(error) as raised:
                retriever.read(ROOT)
            assert raised.value.status == code


def test_a_closed_stream_closes_its_connection() -> None:
    for close in (lambda stream: stream.close(), lambda _: None):
        gateway = Gateway(DAG, stalled)
        with serving(gateway) as urls, w3pin.Retriever(gateways=urls) as retriever:
            stream = retriever.stream(ROOT)
            next(stream)
            close(stream)
            del stream
            gc.collect()
            assert gateway.gone.wait(20)


async def test_cancelling_a_task_closes_its_connection(tmp_path: Path) -> None:
    async def streamed(retriever: w3pin.AsyncRetriever) -> None:
        async for _ in retriever.stream(ROOT):
            pass

    async def opened(retriever: w3pin.AsyncRetriever) -> None:
        await (await retriever.open(ROOT)).read()

    async def fetched(retriever: w3pin.AsyncRetriever) -> None:
        await retriever.fetch(ROOT, tmp_path / "data")

    async def read(retriever: w3pin.AsyncRetriever) -> None:
        await retriever.read(ROOT)

    def only_cars(form: str, answer: Answer) -> Answer:
        return stalled(form, answer) if form == "car" else answer

    for use in (streamed, opened, fetched, read):
        gateway = Gateway(DAG, only_cars)
        with serving(gateway) as urls:
            async with w3pin.AsyncRetriever(gateways=urls) as retriever:
                task = asyncio.create_task(use(retriever))
                while not gateway.bytes_sent > 500_000:
                    await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await asyncio.to_thread(gateway.gone.wait, 20), use.__name__


async def test_a_stream_ends_when_waiting_for_it_is_given_up() -> None:
    with serving(Gateway(DAG, stalled)) as urls:
        async with w3pin.AsyncRetriever(gateways=urls) as retriever:
            stream = retriever.stream(ROOT)

            async def read() -> None:
                while True:
                    await asyncio.wait_for(anext(stream), 0.5)

            with pytest.raises(asyncio.TimeoutError):
                await read()
            assert await anext(stream, None) is None


READS = """
import sys, w3pin
retriever = w3pin.Retriever(gateways=[sys.argv[1]], idle_timeout=600)
print("ready", flush=True)
{}
"""


@pytest.mark.parametrize(
    "read",
    [
        "retriever.read(sys.argv[2])",
        "list(retriever.stream(sys.argv[2]))",
        "retriever.open(sys.argv[2]).read()",
        "list(retriever.list(sys.argv[4]))",
        "retriever.fetch(sys.argv[2], sys.argv[3], on_progress=print)",
    ],
)
def test_ctrl_c_stops_reading(
    python: Callable[..., subprocess.Popen[str]], tmp_path: Path, read: str
) -> None:
    with serving(Gateway(DAG, stalled)) as urls:
        process = python(READS.format(read), urls[0], ROOT, str(tmp_path / "data"), FOLDER)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert process.returncode in (1, -signal.SIGINT)
