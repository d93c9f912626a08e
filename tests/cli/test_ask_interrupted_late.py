"""Ctrl-C once the answer has come, or between two tries: what is known is kept, and told."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ccw.history.log import HISTORY_FILE, LOCK_SECONDS
from tests.cli.asking import invoke, start
from tests.projects import CONFIG, write_config
from tests.servers.loopback import COST_PATHS, Behaviour, Exchange, Server
from tests.servers.openai_wire import ANSWER, say, slow_headers, status

AFTER = "interrupted after the answer was complete"
COST = 0.000245


def runs(project: Path) -> list[tuple[Any, ...]]:
    query = "SELECT input, cost, saved, exit_code FROM runs ORDER BY id"
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return database.execute(query).fetchall()


@contextmanager
def locked(project: Path) -> Iterator[None]:
    """Keep the run log, which exists then, from all others."""
    assert invoke("hi").exit_code == 0
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield
        database.rollback()


def interrupted(server: Server, *arguments: str, asked: int) -> tuple[int, bytes, list[str]]:
    """Exit code and output of a call that Ctrl-C ends a second after request number *asked*."""
    with start(*arguments) as process:
        ends = time.monotonic() + 30
        while len(server.requests) < asked and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    assert time.monotonic() - began < LOCK_SECONDS / 2
    return process.returncode, stdout, stderr.decode().splitlines()


def with_other(shop: Path, **fields: Any) -> None:
    """Configure `other`, which `ask` can fall back to; *fields* are of their provider."""
    config = json.loads((shop / CONFIG).read_text())
    config["endpoints"].append({**config["endpoints"][0], "id": "other"})
    config["providers"][0].update(fields)
    write_config(shop, config)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["hi"], id="plain"),
        pytest.param(["@README.md hi"], id="files"),
        pytest.param(["hi", "--no-stream"], id="whole"),
        pytest.param(["hi", "--fallback", "other"], id="pool"),
    ],
)
def test_while_the_run_log_is_waited_for(
    shop: Path, openai_server: Server, arguments: list[str]
) -> None:
    with_other(shop)
    with locked(shop):
        code, stdout, stderr = interrupted(openai_server, *arguments, asked=2)
    assert (code, stdout) == (130, f"{ANSWER}\n".encode())
    closing_line, error = stderr
    assert closing_line.startswith("gpt-4o (custom) · ")
    assert "120 tokens in (100 cached), 7 out · $0.00024" in closing_line
    assert error == f"ccw: {AFTER}"
    assert len(runs(shop)) == 1  # the one before: who had locked it let go too late


@pytest.mark.parametrize("more", [[], ["--stream"]], ids=["whole", "stream"])
def test_while_the_run_log_is_waited_for_as_json(
    shop: Path, openai_server: Server, more: list[str]
) -> None:
    with locked(shop):
        code, stdout, stderr = interrupted(openai_server, "hi", "--json", *more, asked=2)
    shown = json.loads(stdout)
    assert (code, shown["exitCode"], shown["success"], stderr) == (130, 130, False, [])
    assert (shown["error"], shown["errorType"]) == (AFTER, "interrupted")
    assert (shown["output"], shown["finishReason"]) == (ANSWER, "stop")
    assert (shown["usage"]["output"], shown["cost"]) == (7, pytest.approx(COST))


def test_a_failure_stays_what_it_was(shop: Path, openai_server: Server) -> None:
    with locked(shop):
        openai_server.will(status(401))
        code, stdout, stderr = interrupted(openai_server, "hi", asked=2)
    assert (code, stdout) == (130, b"")
    (error,) = stderr
    assert "wants a key" in error


def by_path(chat: Behaviour, cost: Behaviour) -> Behaviour:
    """Answer questions in one way, and those about their cost in another."""

    def behave(exchange: Exchange) -> None:
        (cost if exchange.request.path in COST_PATHS else chat)(exchange)

    return behave


def test_while_a_gateway_is_asked_for_the_cost(shop: Path, openai_server: Server) -> None:
    """Our own prices tell it then."""
    with_other(shop, type="litellm", apiKey="sk-loop")
    openai_server.default = by_path(say(), slow_headers(20))
    code, stdout, stderr = interrupted(openai_server, "hi", asked=2)
    assert (code, stdout) == (130, f"{ANSWER}\n".encode())
    assert ("120 tokens in" in stderr[0], stderr[1:]) == (True, [f"ccw: {AFTER}"])
    assert runs(shop) == [(20, pytest.approx(COST), pytest.approx(0.000125), 0)]


@pytest.mark.parametrize("more", [[], ["--fallback", "other"]], ids=["plain", "pool"])
def test_in_the_wait_before_the_next_try(
    shop: Path, openai_server: Server, more: list[str]
) -> None:
    """The server has seen the files, for nothing."""
    with_other(shop)
    openai_server.default = status(429, headers={"Retry-After": "20"})
    code, stdout, stderr = interrupted(openai_server, "@README.md hi", *more, asked=1)
    assert (code, stdout) == (130, b"")
    assert stderr[-1] == "ccw: interrupted before the answer was complete"
    assert runs(shop) == [(None, 0.0, 0.0, 130)]


def test_a_second_interrupt_does_not_wait(shop: Path, openai_server: Server) -> None:
    """The first one waits for the run log."""
    with locked(shop):
        openai_server.default = slow_headers(20)
        with start("hi", "--json") as process:
            while len(openai_server.posts) < 2:
                time.sleep(0.02)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=1)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=LOCK_SECONDS / 2)
    shown = json.loads(stdout)
    assert (process.returncode, shown["exitCode"], stderr) == (130, 130, b"")
    assert (shown["error"], shown["cost"]) == ("interrupted before the answer was complete", None)
