"""Requests and tokens a minute, for each key of a provider."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ccw.llm.pool.router import KEPT_ROUTERS
from tests.pools.worlds import ask, endpoint, hits, keys, pool, provider, write
from tests.servers.loopback import Server

SAFE = 50.0  # seconds into a minute: from then on a test may run into the next one


@pytest.fixture(autouse=True)
def _within_a_minute() -> None:
    """Begin a new minute where the old one would end in the middle of the test."""
    passed = time.time() % 60
    if passed > SAFE:
        time.sleep(60.1 - passed)


def limited(project: Path, server: Server, **settings: int) -> None:
    """Configure the endpoint `ask` of a provider with limits and a single key."""
    one = provider("p", server.base, apiKey="sk-pool-a", advancedSettings=settings)
    write(project, [one], [endpoint("ask", "p")])


def test_requests_a_minute(project: Path, openai_server: Server) -> None:
    limited(project, openai_server, rpm=2)
    results = [ask(project, timeout=1) for _ in range(4)]
    assert [result.success for result in results] == [True, True, False, False]
    assert {r.error_type for r in results[2:]} == {"rate_limited"}
    assert results[2].error is not None
    assert "the limit of provider p, 2 requests a minute for each key, is used up" in (
        results[2].error
    )
    assert results[2].exit_code == 6
    assert len(openai_server.posts) == 2


def test_tokens_a_minute(project: Path, openai_server: Server) -> None:
    limited(project, openai_server, tpm=200)  # an answer has 127
    results = [ask(project, timeout=1) for _ in range(3)]
    assert [result.success for result in results] == [True, True, False]
    assert results[2].error is not None
    assert "200 tokens a minute" in results[2].error


def test_the_limit_holds_for_each_key(project: Path, openai_server: Server) -> None:
    pool(project, openai_server.base, keys("a", "b", "c"), advancedSettings={"rpm": 2})
    results = [ask(project, timeout=1) for _ in range(7)]
    assert [result.success for result in results] == [True] * 6 + [False]
    assert hits(openai_server) == {"a": 2, "b": 2, "c": 2}


def test_the_limit_holds_over_the_endpoints_of_a_provider(
    project: Path, openai_server: Server
) -> None:
    one = provider("p", openai_server.base, advancedSettings={"rpm": 2})
    write(project, [one], [endpoint("ask", "p"), endpoint("other", "p")])
    names = ("ask", "other", "ask", "other")
    results = [ask(project, endpoint_id=name, timeout=1) for name in names]
    assert [result.success for result in results] == [True, True, False, False]


def test_over_the_limit_the_fallback_answers(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    one = provider("p", openai_server.base, advancedSettings={"rpm": 1})
    endpoints = [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")]
    write(project, [one, provider("q", backup_server.base)], endpoints)
    assert [ask(project).endpoint for _ in range(3)] == ["ask", "f", "f"]


def test_a_limit_outlives_the_pools_of_other_projects(
    tmp_path: Path, openai_server: Server
) -> None:
    for number in range(KEPT_ROUTERS + 2):
        limited(tmp_path / str(number), openai_server, rpm=1)
        assert ask(tmp_path / str(number)).success
    last = [tmp_path / str(number) for number in range(4, KEPT_ROUTERS + 2)]
    assert {ask(project, timeout=1).success for project in last} == {False}
