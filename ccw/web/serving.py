"""Run the server: its listening socket, its signals, its end."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from ccw.errors import PortTaken, UsageError
from ccw.web.app import create_app
from ccw.web.checks import ANY_ADDRESS
from ccw.web.peers import is_of_this_machine, is_stranger
from ccw.web.protocol import IsStranger, protocol_class
from ccw.web.settings import ServeSettings
from ccw.web.sockets import Address, listener_name
from ccw.web.warm import WarmAfterFirst, load_for_calls

BACKLOG = 2048
LAST_PORT = 65535
ELSEWHERE = ("192.0.2.1", 9)  # an address that nobody has
TRIED = 100  # ports after the one that is taken
STOPPING_SECONDS = 1.0  # for answers under way, and again for their ends


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any free one.

    PortTaken says by whom and which port is free, UsageError that *host* is not of this machine.
    """
    family, address = _resolved(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.errno
    else:
        return listener
    raise _unusable(reason, host, port)


def url_of(host: str, port: int) -> str:
    """Return the address to open; a host that stands for all of them is reached by loopback."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def url_for_others(host: str, port: int) -> str | None:
    """Return the address that other machines can open, None for a *host* that says it itself."""
    return url_of(_own_address(), port) if host in ANY_ADDRESS else None


def serve_at(
    listener: socket.socket,
    *,
    project: Path,
    environ: Mapping[str, str],
    host: str,
    token: str | None,
) -> None:
    """Answer requests at *listener* until SIGINT or SIGTERM; see `ServeSettings`."""
    name = socket.gethostname().lower()
    settings = ServeSettings(
        project=project,
        environ=environ,
        host=host,
        port=listener.getsockname()[1],
        token=token,
        names=frozenset({name}) if host in ANY_ADDRESS else frozenset(),
    )
    run(settings, listener)


def run(settings: ServeSettings, listener: socket.socket) -> None:
    """Answer requests until SIGINT or SIGTERM.

    Threads that still work then are left alone: the caller ends the process at once.
    """
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server_of(settings).serve([listener]))


def server_of(settings: ServeSettings) -> uvicorn.Server:
    """Return a server that is ready to serve at a listening socket."""
    config = uvicorn.Config(
        WarmAfterFirst(create_app(settings), load_for_calls),
        http=protocol_class(_stranger_check(), settings.head_seconds),
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(2 * STOPPING_SECONDS),
    )
    return _Server(config, settings)


class _Server(uvicorn.Server):
    """uvicorn's server, for which a signal is the usual way to end."""

    def __init__(self, config: uvicorn.Config, settings: ServeSettings) -> None:
        super().__init__(config)
        self._runs = settings.runs

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._runs.stop()
        asyncio.get_running_loop().call_later(STOPPING_SECONDS, self._break_off)
        await super().shutdown(sockets)

    def _break_off(self) -> None:
        """End the answers under way; uvicorn would do so with a traceback for each."""
        for task in self.server_state.tasks:
            task.cancel()


def _stranger_check() -> IsStranger:
    uid = os.getuid()

    def check(client: Address, server: Address) -> bool:
        return is_of_this_machine(client[0]) and is_stranger(client, server, uid)

    if not sys.platform.startswith("linux"):
        return lambda _client, _server: False
    return check


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UsageError(f"--host {host}: no such address; try 127.0.0.1") from None
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), int(address[1]))


def _own_address() -> str:
    """Return this machine's address in its network; its name where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)  # chooses a route; nothing is sent
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _unusable(reason: int | None, host: str, port: int) -> UsageError:
    if reason == errno.EADDRINUSE:
        free = next_free(host, port)
        hint = f"try --port {free}" if free else "try --port 0, which takes any"
        return PortTaken(f"port {port} is in use by {listener_name(port)}; {hint}")
    if reason in (errno.EACCES, errno.EPERM):
        return PortTaken(f"port {port} is for root alone; try --port 3000")
    return UsageError(f"cannot listen at {host}: {os.strerror(reason or 0)}; try --host 127.0.0.1")


def next_free(host: str, port: int) -> int | None:
    """Return the first port after *port* that could be listened at now."""
    family, (address, _) = _resolved(host, port)
    for other in range(port + 1, min(port + TRIED, LAST_PORT) + 1):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, other))
            except OSError:
                continue
            return other
    return None
