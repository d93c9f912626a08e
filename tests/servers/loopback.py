"""A threaded HTTP server on a free loopback port: records requests, answers by script."""

from __future__ import annotations

import json
import select
import socket
import socketserver
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MAX_PAUSE = 30.0  # seconds; a forgotten connection must not hold a test run
COST_PATHS = ("/cost/estimate", "/spend/calculate")  # of a LiteLLM proxy


@dataclass
class Recorded:
    """One request as it came over the wire; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client_left: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def model(self) -> str | None:
        """The model that the body asks for."""
        try:
            return self.json.get("model")
        except (ValueError, AttributeError):
            return None

    @property
    def wants_stream(self) -> bool:
        return self.json.get("stream") is True


class Exchange:
    """The answering side of one request, as behaviours use it."""

    def __init__(
        self, handler: BaseHTTPRequestHandler, request: Recorded, stopping: threading.Event
    ):
        self._handler = handler
        self._stopping = stopping
        self.request = request

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status line and *headers*, nothing else, and close after the answer."""
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        self._handler.send_header("Connection", "close")
        self._handler.end_headers()
        self._handler.close_connection = True

    def whole(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a whole answer."""
        self.head(status, {"Content-Length": str(len(body)), **headers})
        self._handler.wfile.write(body)

    def chunk(self, data: bytes) -> None:
        """Send one chunk of a body whose head said `Transfer-Encoding: chunked`."""
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self._handler.wfile.flush()

    def raw(self, data: bytes) -> None:
        """Send *data* as it is, after a head."""
        self._handler.wfile.write(data)

    def end(self) -> None:
        """End a chunked body properly."""
        self._handler.wfile.write(b"0\r\n\r\n")

    def pause(self, seconds: float) -> None:
        """Stay silent; ends early when the client leaves or the server stops."""
        end = time.monotonic() + min(seconds, MAX_PAUSE)
        connection = self._handler.connection
        while time.monotonic() < end and not self._stopping.is_set():
            if select.select([connection], [], [], 0.02)[0]:
                self.request.client_left.set()
                return

    def reset(self) -> None:
        """Cut the connection with a RST."""
        self._handler.close_connection = True
        linger_zero = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
        self._handler.connection.close()


Behaviour = Callable[[Exchange], None]


class Server:
    """A running server. Which behaviour answers: `models[name]`, else `script`, else `default`."""

    def __init__(self, default: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.default = default
        self.models: dict[str, Behaviour] = {}
        self.script: deque[Behaviour] = deque()
        self.requests: list[Recorded] = []
        self._stopping = threading.Event()
        self._server = _Listener(("127.0.0.1", 0), _handler_class(self))
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def root(self) -> str:
        """The base without a path: `http://127.0.0.1:PORT`."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """The base as OpenAI's clients want it: `http://127.0.0.1:PORT/v1`."""
        return f"{self.root}/v1"

    @property
    def posts(self) -> list[Recorded]:
        """The calls, without looks at the model list and questions about their cost."""
        return [r for r in self.requests if r.method == "POST" and r.path not in COST_PATHS]

    def will(self, *behaviours: Behaviour) -> None:
        """Answer the next POSTs with *behaviours*, one each, and later ones as before."""
        self.script.extend(behaviours)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; pauses end at once."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Record the request and let its behaviour answer."""
        length = int(handler.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Recorded(handler.command, handler.path, headers, handler.rfile.read(length))
        self.requests.append(request)
        try:
            self._behaviour(request)(Exchange(handler, request, self._stopping))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            request.client_left.set()
            handler.close_connection = True

    def _behaviour(self, request: Recorded) -> Behaviour:
        if request.method != "POST":
            return self.default
        if request.model in self.models:
            return self.models[request.model]
        return self.script.popleft() if self.script else self.default


@contextmanager
def serving(default: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server for the time of a `with` block."""
    server = Server(default, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def server_bind(self) -> None:
        # HTTPServer looks up the machine's name here, which can take seconds without a network
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that leave in the middle: they are what is tested."""


def _handler_class(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 0
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            server.answer(self)

        def do_POST(self) -> None:
            server.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing of the server belongs on the tests' stderr."""

    return Handler
