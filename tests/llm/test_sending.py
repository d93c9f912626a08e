"""It is told when a request goes out: not before there is a connection to send it over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ccw.errors import TimedOut, Unreachable
from ccw.llm.client import Request, Timeouts, complete
from tests.llm.asking import failure, request
from tests.servers.loopback import Server
from tests.servers.openai_wire import status

NOBODY = "http://127.0.0.1:1/v1"


@contextmanager
def silent() -> Iterator[str]:
    """Listen on a port and give its address as one of TLS, of which nothing is said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"


def asked(base: str, told: list[str], **more: object) -> Request:
    return request(base, on_send=lambda: told.append("sent"), **more)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("size", [10, 2 << 20], ids=["small", "large"])
def test_once_a_call(openai_server: Server, stream: bool, size: int) -> None:
    told: list[str] = []
    messages = [{"role": "user", "content": "x" * size}]
    complete(asked(openai_server.base, told, stream=stream, messages=messages))
    complete(asked(openai_server.base, told, stream=stream, messages=messages))
    assert told == ["sent", "sent"]


def test_once_a_try(openai_server: Server) -> None:
    openai_server.will(status(429, headers={"Retry-After": "0"}))
    told: list[str] = []
    complete(asked(openai_server.base, told, max_retries=1))
    assert told == ["sent", "sent"]


def test_through_a_proxy(openai_server: Server) -> None:
    """What serves here is no proxy, but is sent what one would be."""
    told: list[str] = []
    complete(asked("http://far.invalid/v1", told, proxy=openai_server.root))
    assert told == ["sent"]


def test_not_by_what_asks_a_proxy_for_a_way(openai_server: Server) -> None:
    """What serves here knows no CONNECT, and the provider behind it is never reached."""
    told: list[str] = []
    error = failure(asked("https://far.invalid/v1", told, proxy=openai_server.root, max_retries=0))
    assert isinstance(error, Unreachable)
    assert told == []


def test_not_where_nobody_listens() -> None:
    told: list[str] = []
    assert isinstance(failure(asked(NOBODY, told)), Unreachable)
    assert told == []


def test_not_before_tls_is_agreed_on() -> None:
    told: list[str] = []
    with silent() as base:
        error = failure(asked(base, told, timeouts=Timeouts(total=0.5)))
    assert isinstance(error, TimedOut)
    assert told == []


def test_at_once_where_it_cannot_be_seen(openai_server: Server) -> None:
    told: list[str] = []
    complete(asked(openai_server.base, told, model="nebius/qwen3"))
    assert told == ["sent", "sent"]  # when the library takes over, and as it is seen after all


def test_from_threads(openai_server: Server) -> None:
    told: list[str] = []
    calls = [
        threading.Thread(target=complete, args=(asked(openai_server.base, told),)) for _ in range(4)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert told == ["sent"] * 4
