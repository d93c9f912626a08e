"""The embedded model as the one that answers when nothing else does, and as the one that cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pools.worlds import ask, endpoint, provider, write
from tests.servers.loopback import Server

pytestmark = [pytest.mark.model, pytest.mark.slow]
LOCAL = {"id": "local", "name": "Local", "type": "local"}
NOWHERE = "http://127.0.0.1:9/v1"


def environ() -> dict[str, str]:
    """The embedded model's home, one thread for it."""
    return {name: os.environ[name] for name in ("CCW_HOME", "CCW_LOCAL_THREADS")}


def test_the_embedded_model_answers_for_a_server_that_is_down(
    project: Path, local_home: Path
) -> None:
    endpoints = [
        endpoint("ask", "p", fallbacks=["small"]),
        {**endpoint("small", "local", params={"maxTokens": 3}), "model": "smollm2"},
    ]
    write(project, [provider("p", NOWHERE), LOCAL], endpoints)
    result = ask(project, "Say yes", max_retries=0, environ=environ())
    assert (result.success, result.endpoint, result.cost) == (True, "small", 0)
    assert [a.error_type for a in result.attempts] == ["unreachable"]


def test_what_is_too_long_for_the_embedded_model_goes_to_a_larger_one(
    project: Path, local_home: Path, openai_server: Server
) -> None:
    endpoints = [
        {**endpoint("small", "local", fallbacks=["ask"]), "model": "smollm2"},
        endpoint("ask", "p"),
    ]
    write(project, [LOCAL, provider("p", openai_server.base)], endpoints)
    log = "".join(f"line {number} of the log\n" for number in range(1, 1001))
    result = ask(project, f"What happened?\n{log}", environ=environ())
    assert (result.success, result.endpoint) == (True, "ask")
    assert [a.error_type for a in result.attempts] == ["context_window_exceeded"]
