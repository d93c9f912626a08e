"""Pooled calls in threads, in one event loop, interrupted; and what they leave in the process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ccw import LiteLLMExecutionOptions, aexecute_litellm_endpoint
from ccw.history.log import totals
from ccw.llm.client import load_engine
from tests.cli.asking import CCW
from tests.pools.worlds import ask, by_key, hits, keys, pool
from tests.servers.loopback import Server
from tests.servers.openai_wire import stall, status

CALLBACKS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
)


@pytest.fixture
def shop(project: Path, openai_server: Server) -> Path:
    """A project whose pool has a refused key, a limited one and two good ones."""
    limited = status(429, headers={"Retry-After": "30"})
    openai_server.default = by_key(a=status(401), b=limited)
    pool(project, openai_server.base, keys("a", "b", "c", "d"))
    return project


def test_many_threads(shop: Path, openai_server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: ask(shop), range(40)))
    assert [result.error for result in results if not result.success] == []
    found = hits(openai_server)
    assert found["c"] + found["d"] == 40
    assert found["a"] + found["b"] <= 16  # those that were on their way when it became known


def test_many_at_once_in_one_loop(shop: Path, openai_server: Server) -> None:
    async def all_of_them():
        options = LiteLLMExecutionOptions("Hi", None, shop)
        environ = {"HOME": os.environ["HOME"]}
        return await asyncio.gather(
            *(aexecute_litellm_endpoint(options, environ=environ) for _ in range(40))
        )

    results = asyncio.run(all_of_them())
    assert [result.error for result in results if not result.success] == []


def test_within_a_running_loop(shop: Path) -> None:
    async def notebook():
        return ask(shop)

    assert asyncio.run(notebook()).success


def test_calls_do_not_pile_up_callbacks(shop: Path) -> None:
    library = load_engine().library
    assert ask(shop).success
    before = [len(getattr(library, name)) for name in CALLBACKS]
    assert all(ask(shop).success for _ in range(5))
    assert [len(getattr(library, name)) for name in CALLBACKS] == before


def test_configurations_do_not_pile_up_callbacks(tmp_path: Path, openai_server: Server) -> None:
    library = load_engine().library
    counts = []
    for number in range(14):
        project = tmp_path / str(number)
        pool(project, openai_server.base, keys("a", "b"), routingStrategy="latency-based")
        assert ask(project).success
        counts.append(sum(len(getattr(library, name)) for name in CALLBACKS))
    assert max(counts[10:]) <= max(counts[:10])


def test_an_interrupt_ends_the_call_and_is_logged(project: Path, openai_server: Server) -> None:
    openai_server.default = stall("Half an", 20)
    pool(project, openai_server.base, keys("a", "b"))
    environ = {name: os.environ[name] for name in ("HOME", "PATH")}
    process = subprocess.Popen(
        [CCW, "cli", "-p", "Hi"], cwd=project, env=environ, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.read(4) == b"Half"
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    assert process.wait(10) == 130
    assert time.monotonic() - started < 5
    process.stdout.close()
    assert len(openai_server.posts) == 1
    assert [(t.calls, t.failed) for t in totals(project)][-1] == (1, 1)
