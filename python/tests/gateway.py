"""A gateway in this process that serves correct and faulty responses, and counts requests."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from dag import Dag, car

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORTS: list[socket.socket] = []
CAR = "application/vnd.ipld.car; version=1; order=dfs; dups=y"


@dataclass
class Answer:
    """A response before it is sent."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """The number of bytes sent before the connection breaks."""
    stall: bool = False
    """Whether the connection stalls instead of breaking."""


@dataclass
class Gateway:
    """The content of a gateway, and its requests."""

    dag: Dag
    spoil: Callable[[str, Answer], Answer] | None = None
    """Modifies a response, by the requested format: ``car`` or ``raw``."""
    cars: bool = True
    url: str = ""
    requests: list[str] = field(default_factory=list)
    bytes_sent: int = 0
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when a client has disconnected during a response."""
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, target: str) -> Answer:
        self.requests.append(target)
        url = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        form = asked.get("format", "")
        if form == "car" and not self.cars:
            return Answer(b"no CARs here", 406)
        cid, *below = [unquote(name) for name in url.path.split("/")[2:]]
        try:
            path = [cid]
            for name in below:
                path.append(self.dag.folders[path[-1]][name])
            blocks = [*path[:-1], *self._scope(path[-1], asked)]
            found = [(cid, self.dag.blocks[cid]) for cid in blocks]
        except KeyError:
            return Answer(b"not found", 404)
        if form == "car":
            answer = Answer(car([cid], found), headers={"Content-Type": CAR})
        else:
            answer = Answer(self.dag.blocks[path[-1]])
        return self.spoil(form, answer) if self.spoil else answer

    def _scope(self, cid: str, asked: dict[str, str]) -> list[str]:
        if asked.get("dag-scope") == "block":
            return [cid]
        start, _, last = asked.get("entity-bytes", "0:*").partition(":")
        return list(self.dag.walk(cid, int(start), None if last == "*" else int(last) + 1))


@contextlib.contextmanager
def serving(*gateways: Gateway) -> Iterator[list[str]]:
    """Serves each of them, and returns their URLs."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_serving(gateway)) for gateway in gateways]


@contextlib.contextmanager
def _serving(gateway: Gateway) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = gateway.answer(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
            try:
                for start in range(0, len(body), 1 << 16):
                    part = body[start : start + (1 << 16)]
                    self.wfile.write(part)
                    gateway.bytes_sent += len(part)
            except OSError:
                gateway.gone.set()
                self.close_connection = True
                return
            if answer.cut_at is not None:
                self.close_connection = True
            while answer.stall and not gateway.over.wait(0.02):
                self._notice_who_left()

        def _notice_who_left(self) -> None:
            import select

            ready, _, _ = select.select([self.connection], [], [], 0)
            if ready and not self.connection.recv(1):
                gateway.gone.set()
                gateway.over.set()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            gateway.gone.set()

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        gateway.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield gateway.url
        finally:
            gateway.over.set()
            server.shutdown()
            thread.join()
    # Its port stays bound, since a pause that it requested outlives it.
    port = socket.socket()
    port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port.bind(server.server_address)
    PORTS.append(port)
