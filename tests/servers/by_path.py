"""Loopback gateways that answer by path and record what they were asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from tests.servers.loopback import Behaviour, Exchange, Server, serving
from tests.servers.openai_wire import JSON

Gateway = Callable[[Mapping[str, Any]], Server]
HTML = b"<!DOCTYPE html><html><body>Welcome</body></html>"


@pytest.fixture
def by_path() -> Iterator[Gateway]:
    """Start servers that answer by path, its query counting or not; 404 otherwise.

    An answer is a behaviour, or data for a 200; the path `*` stands for all others.
    """
    with ExitStack() as stack:

        def start(answers: Mapping[str, Any]) -> Server:
            return stack.enter_context(serving(answering(answers)))

        yield start


def answering(answers: Mapping[str, Any]) -> Behaviour:
    """Return the behaviour of a server that has *answers*."""

    def behave(exchange: Exchange) -> None:
        path = exchange.request.path
        names = (path, path.partition("?")[0], "*")
        found = next((answers[name] for name in names if name in answers), None)
        if callable(found):
            found(exchange)
        elif found is None:
            exchange.whole(404, b'{"detail":"Not Found"}', JSON)
        else:
            exchange.whole(200, json.dumps(found).encode(), JSON)

    return behave


def models(*ids: str) -> dict[str, Any]:
    """Return a list of models as OpenAI's API has it."""
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in ids]}


def slowly(pause: float) -> Behaviour:
    """Send a whole answer one byte at a time, *pause* seconds apart."""

    def behave(exchange: Exchange) -> None:
        exchange.head(200, {**JSON, "Content-Length": "1000"})
        for _ in range(1000):
            exchange.raw(b" ")
            exchange.pause(pause)

    return behave


def megabytes(number: int, *, announced: bool) -> Behaviour:
    """Answer with a list that is so large, told in its head or not."""

    def behave(exchange: Exchange) -> None:
        length = {"Content-Length": str(number * 2**20)} if announced else {}
        exchange.head(200, {**JSON, **length})
        for _ in range(number):
            exchange.raw(b" " * 2**20)

    return behave


def redirect(url: str, code: int = 302) -> Behaviour:
    """Send whoever asks to *url*."""
    return lambda exchange: exchange.whole(code, b"", {"Location": url})
