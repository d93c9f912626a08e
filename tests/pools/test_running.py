"""Pooled calls in threads, in one event loop, interrupted; and what they leave in the process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, aexecute_litellm_endpoint
from ccw.history.log import HISTORY_FILE, totals
from ccw.llm.client import load_engine
from tests.cli.asking import CCW
from tests.pools.worlds import ask, by_key, chain, hits, keys, pool
from tests.servers.loopback import Behaviour, Server
from tests.servers.openai_wire import reset, stall, status

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


@pytest.mark.parametrize(
    ("first", "money"),
    [
        pytest.param(status(401), (0.0, 0.0), id="refused"),
        pytest.param(status(429), (0.0, 0.0), id="busy"),
        pytest.param(reset, (None, None), id="lost"),
    ],
)
def test_an_interrupt_between_a_try_and_the_next(
    project: Path, openai_server: Server, first: Behaviour, money: tuple[float | None, float | None]
) -> None:
    """What the first try cost is settled; the second one, which waits for TLS, was never sent."""
    openai_server.default = first
    (project / "notes.txt").write_text("some words\n" * 100)
    environ = {name: os.environ[name] for name in ("HOME", "PATH")}
    command = [CCW, "cli", "@notes.txt Hi", "--max-retries", "0"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        chain(project, openai_server.base, f"https://127.0.0.1:{silent.getsockname()[1]}/v1")
        with subprocess.Popen(command, cwd=project, env=environ, stderr=subprocess.PIPE) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=20)
            connection.close()
    assert process.returncode == 130
    assert said.endswith(b"ccw: interrupted before the answer was complete\n")
    assert log(project) == ([(130, *money)], [], [])


def test_an_interrupted_fallback_is_logged_as_what_was_asked(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(401)
    backup_server.default = stall("Half an", 20)
    chain(project, openai_server.base, backup_server.base)
    (project / "notes.txt").write_text("some words\n" * 100)
    environ = {name: os.environ[name] for name in ("HOME", "PATH")}
    command = [CCW, "cli", "@notes.txt Hi"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=project, env=environ, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"Half"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    closing_line, error = said.decode().splitlines()[-2:]
    assert closing_line.startswith("m-backup (custom) via backup (fallback) · 1 file, ")
    assert error == "ccw: interrupted before the answer was complete"
    calls, traces, packs = log(project, "endpoint, exit_code, cost")
    assert (calls, len(traces)) == ([("backup", 130, None)], 1)
    assert [pack[:2] for pack in packs] == [("backup", "m-backup")]


def log(project: Path, columns: str = "exit_code, cost, saved") -> tuple[list[Any], ...]:
    """What the run log has of calls, of what they sent and of packs that were received."""
    queries = (f"SELECT {columns} FROM runs", "SELECT * FROM traces", "SELECT * FROM packs")
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return tuple(database.execute(query).fetchall() for query in queries)
