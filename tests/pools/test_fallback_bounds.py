"""Bounds of windows, money and time, each endpoint of a chain having its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pools.worlds import BACKUP, ask, chain, endpoint, keys, provider, write
from tests.servers.loopback import Server
from tests.servers.openai_wire import (
    overflow,
    slow_headers,
    status,
)


def test_a_known_overflow_goes_to_a_larger_window_without_a_call(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    windows = {"m-ask": 50, "m-same": 50, "m-large": 100_000}
    models = [{"id": name, "contextWindow": size} for name, size in windows.items()]
    providers = [
        provider("p", openai_server.base, models=models),
        provider("q", backup_server.base, models=models),
    ]
    endpoints = [
        endpoint("ask", "p", fallbacks=["same", "large"]),
        endpoint("same", "p"),
        endpoint("large", "q"),
    ]
    write(project, providers, endpoints)
    result = ask(project, "word " * 1000)
    assert (result.output, result.endpoint) == (BACKUP, "large")
    assert [(a.endpoint, a.error_type) for a in result.attempts] == [
        ("ask", "context_window_exceeded"),
        ("same", "context_window_exceeded"),
    ]
    assert openai_server.posts == []


def test_an_overflow_that_the_server_tells_skips_windows_that_are_no_larger(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = overflow()
    models = [{"id": n, "contextWindow": 8192} for n in ("m-ask", "m-same")]
    providers = [
        provider("p", openai_server.base, models=models),
        provider("q", backup_server.base),
    ]
    endpoints = [
        endpoint("ask", "p", fallbacks=["same", "open"]),
        endpoint("same", "p"),
        endpoint("open", "q"),
    ]
    write(project, providers, endpoints)
    result = ask(project)
    assert (result.output, result.endpoint) == (BACKUP, "open")
    assert [post.model for post in openai_server.posts] == ["m-ask"]


def test_a_fallback_that_may_cost_too_much_is_not_called(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(500)
    cheap = {"id": "m-ask", "inputCostPerMillion": 0, "outputCostPerMillion": 0}
    chain(project, openai_server.base, backup_server.base, models=[cheap])
    result = ask(project, max_cost=0.001, max_retries=0)
    assert (result.error_type, result.exit_code) == ("cost_exceeded", 7)
    assert [a.error_type for a in result.attempts] == ["provider_error", "cost_exceeded"]
    assert backup_server.posts == []


@pytest.mark.parametrize("fields", [{}, {"apiKeys": keys("a", "b")}], ids=["one-key", "pool"])
def test_a_server_that_hangs_leaves_the_fallback_its_own_time(
    project: Path, openai_server: Server, backup_server: Server, fields: dict[str, Any]
) -> None:
    openai_server.default = slow_headers(5)
    chain(project, openai_server.base, backup_server.base, **fields)
    result = ask(project, timeout=0.5)
    assert (result.output, result.endpoint) == (BACKUP, "backup")
    assert [(a.endpoint, a.error_type) for a in result.attempts] == [("ask", "timed_out")]
    assert result.duration_ms < 3000


def test_each_provider_has_its_own_timeout(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(500)
    backup_server.default = slow_headers(5)
    providers = [
        provider("p", openai_server.base, advancedSettings={"timeout": 20}),
        provider("q", backup_server.base, advancedSettings={"timeout": 0.5}),
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")])
    result = ask(project, max_retries=0)
    assert (result.error_type, result.exit_code, result.endpoint) == ("timed_out", 6, "f")
    assert "within 0.5 s" in (result.error or "")
    assert result.duration_ms < 3000
