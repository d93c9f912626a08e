"""What the tests of the talk with gateways share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from tests.servers.loopback import Behaviour, Exchange, Server, serving
from tests.servers.openai_wire import JSON

Gateway = Callable[[Mapping[str, Any]], Server]


@pytest.fixture
def by_path() -> Iterator[Gateway]:
    """Start servers that answer by path: a behaviour, or data for a 200; 404 otherwise."""
    with ExitStack() as stack:

        def start(answers: Mapping[str, Any]) -> Server:
            return stack.enter_context(serving(_answering(answers)))

        yield start


def _answering(answers: Mapping[str, Any]) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        found = answers.get(exchange.request.path, answers.get("*"))
        if callable(found):
            found(exchange)
        elif found is None:
            exchange.whole(404, b'{"detail":"Not Found"}', JSON)
        else:
            exchange.whole(200, json.dumps(found).encode(), JSON)

    return behave
