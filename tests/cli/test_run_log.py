"""The run log as the command line keeps it: a line for every call, never in its way."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, aexecute_litellm_endpoint
from ccw.history.log import HISTORY_FILE, LOCK_SECONDS
from tests.cli.asking import CCW, ccw
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, endless, status


def runs(project: Path) -> list[tuple[Any, ...]]:
    query = "SELECT endpoint, model, input, cost, local_hit, exit_code FROM runs ORDER BY id"
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return database.execute(query).fetchall()


def test_every_call_leaves_a_line(shop: Path, openai_server: Server) -> None:
    ccw("cli", "-p", "@README.md hi")
    ccw("cli", "-p", "@README.md hi")
    ccw("cli", "-p", "hi", "--no-cache")
    openai_server.will(status(401))
    ccw("cli", "-p", "hi")
    ccw("cli", "-p", "@no/*.x hi")  # reaches no provider
    cost = pytest.approx(0.000245)
    assert runs(shop) == [
        ("ask", "gpt-4o", 20, cost, 0, 0),
        ("ask", "gpt-4o", 20, cost, 1, 0),
        ("ask", "gpt-4o", 20, cost, None, 0),
        ("ask", "gpt-4o", None, 0.0, None, 5),
    ]


def test_the_log_holds_neither_prompt_nor_files(shop: Path) -> None:
    ccw("cli", "-p", "@README.md What is the canary-question?")
    data = (shop / HISTORY_FILE).read_bytes()
    assert b"canary" not in data
    assert b"Shop" not in data


def test_an_interrupted_call_leaves_a_line(shop: Path, openai_server: Server) -> None:
    openai_server.will(endless)
    with subprocess.Popen(
        [CCW, "cli", "-p", "count"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.read(10)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert [run[-1] for run in runs(shop)] == [130]


def make_folder(path: Path) -> None:
    path.mkdir()


def make_noise(path: Path) -> None:
    path.write_bytes(b"noise" * 4096)


@pytest.mark.parametrize("spoil", [make_folder, make_noise], ids=["folder", "corrupt"])
def test_an_unusable_log_is_a_note_and_no_failure(
    shop: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(shop / HISTORY_FILE)
    result = ccw("cli", "-p", "hi")
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER}\n")
    assert f"the run log {shop / HISTORY_FILE} cannot be used" in result.stderr
    stats = ccw("cache", "stats")
    assert (stats.exit_code, stats.stdout) == (1, "")
    assert "the run log" in stats.stderr


def test_a_locked_log_does_not_keep_the_answer_back(shop: Path) -> None:
    ccw("cli", "-p", "hi")
    with closing(sqlite3.connect(shop / HISTORY_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        result = ccw("cli", "-p", "hi")
        took = time.monotonic() - began
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER}\n")
    assert "is locked by another process" in result.stderr
    assert took < 20
    assert len(runs(shop)) == 1


def test_a_locked_log_does_not_stop_the_event_loop(shop: Path) -> None:
    ccw("cli", "-p", "hi")

    async def ticks_while_asking() -> tuple[LiteLLMExecutionResult, float]:
        options = LiteLLMExecutionOptions("hi", "ask", shop)
        asked = asyncio.create_task(aexecute_litellm_endpoint(options))
        longest, before = 0.0, time.monotonic()
        while not asked.done():
            await asyncio.sleep(0.01)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        return await asked, longest

    with closing(sqlite3.connect(shop / HISTORY_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        result, longest = asyncio.run(ticks_while_asking())
    assert (result.success, "is locked by another process" in result.notes[-1]) == (True, True)
    assert longest < LOCK_SECONDS / 2


@pytest.mark.parametrize("prompt", ["hi", "@README.md hi"], ids=["plain", "with-files"])
def test_an_awaited_call_leaves_a_line(shop: Path, prompt: str) -> None:
    options = LiteLLMExecutionOptions(prompt, "ask", shop)
    assert asyncio.run(aexecute_litellm_endpoint(options)).success
    assert [run[-1] for run in runs(shop)] == [0]
