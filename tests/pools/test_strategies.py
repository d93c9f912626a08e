"""Each routing strategy, checked by how often the server hears each key."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, aexecute_litellm_endpoint
from tests.pools.worlds import ask, by_key, endpoint, hits, keys, pool, provider, write
from tests.servers.loopback import MAX_PAUSE, Behaviour, Exchange, Server
from tests.servers.openai_wire import say, slow_headers


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


def test_a_second_pool_learns_which_key_is_fast_as_the_first_did(
    tmp_path: Path, openai_server: Server
) -> None:
    openai_server.default = by_key(a=slow_headers(0.4))
    for name in ("first", "second"):
        project = tmp_path / name
        pool(project, openai_server.base, keys("a", "b"), routingStrategy="latency-based")
        assert ask_twice(project)  # the first call of a process is slow by itself
        openai_server.requests.clear()
        assert all(ask(project).success for _ in range(6))
        assert hits(openai_server)["b"] >= 5  # taken in turns it would be 3


def test_a_second_pool_knows_what_is_under_way_as_the_first_did(
    tmp_path: Path, openai_server: Server
) -> None:
    for name in ("first", "second"):
        project = tmp_path / name
        pool(project, openai_server.base, keys("a", "b"), routingStrategy="least-busy")
        openai_server.requests.clear()
        assert asyncio.run(ask_while_one_waits(project, openai_server, 6))
        busy = hits(openai_server.posts[:1])
        assert hits(openai_server.posts[1:]) == {({"a", "b"} - busy.keys()).pop(): 6}


def test_cost_based_takes_the_first_of_keys_that_all_cost_the_same(
    project: Path, openai_server: Server
) -> None:
    pool(project, openai_server.base, keys("a", "b", "c"), routingStrategy="cost-based")
    assert all(ask(project).success for _ in range(10))
    assert hits(openai_server) == {"a": 10}


def test_least_busy_spreads_what_is_under_way(project: Path, openai_server: Server) -> None:
    pool(project, openai_server.base, keys("a", "b", "c"), routingStrategy="least-busy")
    assert asyncio.run(ask_without_an_answer(project, openai_server, 9))
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


async def ask_while_one_waits(project: Path, server: Server, number: int) -> bool:
    """Ask *number* times in turn while a first answer is held back; whether all were answered."""
    release = threading.Event()
    server.will(held(release))
    first = await started(project, server)
    others = [await ask_later(project) for _ in range(number)]
    release.set()
    return all(result.success for result in (await first, *others))


async def ask_without_an_answer(project: Path, server: Server, number: int) -> bool:
    """Ask *number* times, one after the other, before any is answered; whether all were then."""
    release = threading.Event()
    server.will(*[held(release)] * number)
    calls = [await started(project, server) for _ in range(number)]
    release.set()
    return all([(await call).success for call in calls])


async def started(project: Path, server: Server) -> asyncio.Task[LiteLLMExecutionResult]:
    """Begin a call, and return it when the server has heard it."""
    before = len(server.posts)
    call = asyncio.create_task(ask_later(project))
    while len(server.posts) == before and not call.done():
        await asyncio.sleep(0.01)
    return call


def held(release: threading.Event) -> Behaviour:
    """Answer when *release* is set."""

    def behave(exchange: Exchange) -> None:
        release.wait(MAX_PAUSE)
        say()(exchange)

    return behave


async def ask_later(project: Path) -> LiteLLMExecutionResult:
    """Ask the default endpoint of *project* from a running loop."""
    return await aexecute_litellm_endpoint(
        LiteLLMExecutionOptions("Hi", None, project), environ={"HOME": os.environ["HOME"]}
    )


def ask_twice(project: Path) -> bool:
    """Ask two times; whether both were answered."""
    return [ask(project).success for _ in range(2)] == [True, True]


def ask_once_to_warm_up(project: Path, server: Server) -> None:
    """Let litellm be imported before times are compared."""
    write(project, [provider("w", server.base)], [endpoint("warm", "w")])
    assert ask(project).success
    server.requests.clear()
