"""Each routing strategy, checked by how often the server hears each key."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from ccw import LiteLLMExecutionOptions, aexecute_litellm_endpoint
from tests.pools.worlds import ask, by_key, endpoint, hits, keys, pool, provider, write
from tests.servers.loopback import Server
from tests.servers.openai_wire import slow_headers


def test_simple_shuffle_is_even_whatever_the_weights(project: Path, openai_server: Server) -> None:
    entries = [*keys("a", weight=50), *keys("b", "c")]
    pool(project, openai_server.base, entries)
    assert all(ask(project).success for _ in range(90))
    assert all(10 <= hits(openai_server)[name] <= 50 for name in "abc")


def test_weighted_follows_the_weights(project: Path, openai_server: Server) -> None:
    entries = [*keys("a", weight=9), *keys("b", weight=1), *keys("c", weight=0)]
    pool(project, openai_server.base, entries, routingStrategy="weighted")
    assert all(ask(project).success for _ in range(60))
    found = hits(openai_server)
    assert found["a"] > 40
    assert found["c"] == 0


def test_latency_based_prefers_the_key_that_answers_fast(
    project: Path, openai_server: Server
) -> None:
    ask_once_to_warm_up(project, openai_server)
    slow = slow_headers(0.3)
    openai_server.default = by_key(a=slow, b=slow)
    pool(project, openai_server.base, keys("a", "b", "c"), routingStrategy="latency-based")
    assert all(ask(project).success for _ in range(20))
    assert hits(openai_server)["c"] >= 14


@pytest.mark.parametrize("strategy", ["latency-based", "least-busy"])
def test_a_second_pool_learns_as_the_first_did(
    tmp_path: Path, openai_server: Server, strategy: str
) -> None:
    openai_server.default = by_key(a=slow_headers(0.4))
    for name in ("first", "second"):
        project = tmp_path / name
        pool(project, openai_server.base, keys("a", "b"), routingStrategy=strategy)
        assert ask_twice(project)  # the first call of a process is slow by itself
        openai_server.requests.clear()
        results = asyncio.run(ask_in_turns(project, 8))
        assert all(result.success for result in results)
        assert hits(openai_server)["a"] <= 3  # of 8; taken in turns it would be 4


def test_cost_based_takes_the_first_of_keys_that_all_cost_the_same(
    project: Path, openai_server: Server
) -> None:
    pool(project, openai_server.base, keys("a", "b", "c"), routingStrategy="cost-based")
    assert all(ask(project).success for _ in range(10))
    assert hits(openai_server) == {"a": 10}


def test_least_busy_spreads_what_is_under_way(project: Path, openai_server: Server) -> None:
    openai_server.default = slow_headers(0.5)
    pool(project, openai_server.base, keys("a", "b", "c"), routingStrategy="least-busy")
    results = asyncio.run(ask_in_turns(project, 9))
    assert all(result.success for result in results)
    assert hits(openai_server) == {"a": 3, "b": 3, "c": 3}


def test_providers_of_one_chain_keep_their_own_strategies(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    first = provider("p", "http://127.0.0.1:9/v1", apiKeys=keys("a", "b"))
    last = provider(
        "q", backup_server.base, apiKeys=keys("c", "d", "e"), routingStrategy="cost-based"
    )
    write(project, [first, last], [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")])
    assert all(ask(project, max_retries=0).success for _ in range(8))
    assert hits(backup_server) == {"c": 8}


async def ask_in_turns(project: Path, number: int):
    """Ask *number* times, each a moment after the one before."""

    async def one(index: int):
        await asyncio.sleep(index * 0.03)
        return await aexecute_litellm_endpoint(
            LiteLLMExecutionOptions("Hi", None, project), environ={"HOME": os.environ["HOME"]}
        )

    return await asyncio.gather(*(one(index) for index in range(number)))


def ask_twice(project: Path) -> bool:
    """Ask two times; whether both were answered."""
    return [ask(project).success for _ in range(2)] == [True, True]


def ask_once_to_warm_up(project: Path, server: Server) -> None:
    """Let litellm be imported before times are compared."""
    write(project, [provider("w", server.base)], [endpoint("warm", "w")])
    assert ask(project).success
    server.requests.clear()
