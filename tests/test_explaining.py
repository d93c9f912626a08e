"""Why a call hit or missed, told from the log after calls of two kinds of prefix cache."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, context_cache, execute_litellm_endpoint
from ccw.errors import HistoryUnusable, NotFound
from ccw.explaining import Explanation, explain
from ccw.history import HISTORY_FILE
from ccw.traces import KEPT_PACKS, Changes
from tests.projects import write_config, write_files
from tests.servers.any_wire import joined, sent
from tests.servers.loopback import Server, serving
from tests.servers.openai_wire import say, status
from tests.servers.prefix_cache import (
    MarkedPrefixes,
    anthropic_cache,
    common_prefix,
    openai_cache,
)

CANARY = "canary-6f1c"
FILES = {f"{name}.txt": f"{name} {CANARY}\n" * 400 for name in "abcdef"}


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A project with an endpoint at each of two servers that have a prefix cache."""

    project: Path
    clock: Clock
    openai: Server
    anthropic: Server

    def configure(self, **strategy: Any) -> None:
        servers = {"openai": self.openai.base, "anthropic": self.anthropic.root}
        models = {"openai": "gpt-5", "anthropic": "claude-sonnet-4-5"}
        providers = [
            {"id": name, "name": name, "type": name, "apiKey": "sk-loop", "apiBase": base}
            for name, base in servers.items()
        ]
        endpoints = [
            {"id": n, "name": n, "providerId": n, "model": m, "cacheStrategy": strategy}
            for n, m in models.items()
        ]
        write_config(self.project, {"providers": providers, "endpoints": endpoints})

    def ask(self, endpoint: str, prompt: str = "@*.txt Why?", **more: Any) -> str | None:
        """Ask one minute later; return the session."""
        self.clock.now += 60
        result = execute_litellm_endpoint(
            LiteLLMExecutionOptions(prompt, endpoint, self.project, max_retries=0, **more),
            environ=environ(),
            clock=self.clock,
        )
        return result.session_id

    def edit(self, name: str, text: str = "edited\n" * 300) -> None:
        (self.project / name).write_text(text)

    def told(self, session: str | None = None) -> Explanation:
        return explain(self.project, session)

    def reasons(self) -> tuple[str, str]:
        told = self.told()
        return told.local.reason, told.provider.reason


def environ() -> dict[str, str]:
    return {"HOME": os.environ["HOME"]}


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    write_files(project, FILES)
    clock = Clock()
    marked = anthropic_cache(MarkedPrefixes(clock))
    with serving(openai_cache(clock)) as openai, serving(marked) as anthropic:
        made = World(project, clock, openai, anthropic)
        made.configure()
        yield made


@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
def test_first_then_a_hit(world: World, endpoint: str) -> None:
    session = world.ask(endpoint)
    first = world.told()
    assert world.reasons() == ("first", "first")
    assert (first.local.hit, first.provider.hit, first.seconds_since) == (False, False, None)
    world.ask(endpoint)
    second = world.told()
    assert (second.local.hit, second.provider.hit) == (True, True)
    assert (second.session, second.endpoint, second.seconds_since) == (session, endpoint, 60)
    assert (second.changes, second.first_difference) == (Changes(), None)
    assert second.provider.message.endswith(" tokens were read from the cache")


@pytest.mark.parametrize("layout", ["path", "stable", "overlay"])
@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
def test_an_edit_is_found(world: World, endpoint: str, layout: str) -> None:
    world.configure(layout=layout)
    world.ask(endpoint)
    world.edit("e.txt")
    (world.project / "g.txt").write_text("new\n")
    (world.project / "f.txt").unlink()
    world.ask(endpoint)
    told = world.told()
    assert told.local.message == "3 files differ from the call before"
    assert told.changes == Changes(("e.txt",), ("g.txt",), ("f.txt",), 3)
    server = world.openai if endpoint == "openai" else world.anthropic
    before, now = (joined(sent(request)) for request in server.posts)
    assert told.first_difference == common_prefix(before, now)  # all of it is ASCII
    assert told.provider.hit is True
    assert f"first byte that differs is {told.first_difference:,}" in told.provider.message


def test_a_file_that_gave_way_is_named(world: World) -> None:
    world.configure(layout="stable")
    world.ask("openai")
    world.edit("e.txt")
    world.ask("openai")
    told = world.told()
    assert (told.file, told.file_before) == ("f.txt", "e.txt")
    assert told.provider.message.endswith("(f.txt), where e.txt stood")


@pytest.mark.parametrize(
    ("endpoint", "reason"), [("openai", "differs"), ("anthropic", "mark not found")]
)
def test_a_difference_at_the_start_leaves_nothing(world: World, endpoint: str, reason: str) -> None:
    world.configure(layout="path")
    world.ask(endpoint)
    world.edit("a.txt")
    world.ask(endpoint)
    assert world.reasons() == ("changed", reason)
    assert world.told().file == "a.txt"


@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
def test_expired(world: World, endpoint: str) -> None:
    world.ask(endpoint)
    world.clock.now += 3600
    world.ask(endpoint)
    assert world.reasons()[1] == "expired"
    message = "sent 61 min ago; it lives for 5 min from its last use"
    assert world.told().provider.message == message


def test_an_hour_lives_longer(world: World) -> None:
    world.configure(providerCache="1h")
    world.ask("anthropic")
    world.clock.now += 3000
    world.ask("anthropic")
    assert (world.told().provider.reason, world.told().lifetime_seconds) == ("hit", 3600)


def test_below_the_minimum(world: World) -> None:
    for _ in range(2):
        world.edit("small.md", "short\n")
        world.ask("openai", "@small.md Why?")
    assert world.told().provider.reason == "below minimum"
    assert "of the 1,024 tokens" in world.told().provider.message


def test_other_reasons(world: World) -> None:
    world.ask("anthropic")
    world.ask("anthropic", system="Be brief.")
    assert world.reasons() == ("hit", "system message")
    world.ask("anthropic", enable_cache=False)
    assert world.reasons() == ("off", "no marks")
    world.configure(providerCache="off")
    world.ask("anthropic")
    assert world.reasons() == ("hit", "no marks")
    world.openai.will(say(usage=None), say(usage={"prompt_tokens": 9000, "completion_tokens": 1}))
    world.ask("openai")
    assert world.reasons() == ("hit", "unknown")


def test_an_earlier_request_without_marks(world: World) -> None:
    world.configure(providerCache="off")
    world.ask("anthropic")
    world.configure()
    world.ask("anthropic")
    assert world.reasons() == ("hit", "mark not found")


@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
def test_what_the_provider_has_lost(world: World, endpoint: str) -> None:
    world.ask(endpoint)
    world.anthropic.default = anthropic_cache(MarkedPrefixes(world.clock))
    world.openai.default = openai_cache(world.clock)
    world.ask(endpoint)
    assert world.reasons() == ("hit", "not kept")


def test_what_the_context_cache_has_lost(world: World) -> None:
    world.ask("openai")
    context_cache.clear(world.project, environ=environ())
    world.ask("openai")
    assert world.reasons() == ("gone", "hit")


def test_another_endpoint_is_another_cache(world: World) -> None:
    world.ask("openai")
    world.ask("anthropic")
    assert world.reasons() == ("hit", "first")


def test_a_session_can_be_named(world: World) -> None:
    first = world.ask("openai")
    world.edit("b.txt")
    second = world.ask("openai")
    assert first != second
    assert world.told(first).local.reason == "first"
    assert world.told(second) == world.told()


def test_what_is_not_there(world: World) -> None:
    with pytest.raises(NotFound, match="no call with files is in the run log"):
        world.told()
    world.ask("openai", "no files")
    with pytest.raises(NotFound):
        world.told()
    world.ask("openai")
    with pytest.raises(NotFound, match="ctx-none"):
        world.told("ctx-none")


def test_a_call_that_failed_changes_nothing(world: World) -> None:
    world.ask("openai")
    before = world.told()
    world.edit("b.txt")
    world.openai.will(status(400))
    world.ask("openai")
    assert world.told() == before


def test_no_text_is_kept(world: World) -> None:
    for endpoint in ("openai", "anthropic"):
        world.ask(endpoint, "@*.txt secret question", system="secret system")
    world.edit("b.txt", f"{CANARY} again\n")
    world.ask("openai", "@*.txt secret question")
    data = b"".join(path.read_bytes() for path in world.project.glob(f"{HISTORY_FILE}*"))
    assert b"b.txt" in data
    assert CANARY.encode() not in data
    assert b"secret" not in data


def test_packs_are_not_kept_for_ever(world: World) -> None:
    for number in range(KEPT_PACKS + 3):
        world.edit("n.md", f"{number}\n")
        world.ask("openai", f"@n.md @{'abcdef'[number % 6]}.txt:{number + 1} Why?")
    assert rows(world.project, "SELECT count(*) FROM packs") == [(KEPT_PACKS,)]
    assert rows(world.project, "SELECT count(*) FROM traces") == [(KEPT_PACKS + 3,)]


@pytest.mark.parametrize(
    ("table", "column"), [pytest.param("packs", "pieces"), pytest.param("traces", "detail")]
)
@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "{}", "null", '{"changes": 1}', '[["a", "b", "c", "d"]]']
)
def test_a_log_that_somebody_else_wrote_into(
    world: World, table: str, column: str, text: str
) -> None:
    world.ask("openai")
    rows(world.project, f"UPDATE {table} SET {column} = ?", text)
    if table == "traces":
        with pytest.raises(HistoryUnusable, match="move it away"):
            world.told()
    assert world.ask("openai") is not None
    told = world.told() if table == "packs" else None
    assert told is None or told.provider.hit is True


def rows(project: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(project / HISTORY_FILE, isolation_level=None)) as database:
        return database.execute(query, values).fetchall()


def test_the_lines_of_an_older_log_stay(world: World) -> None:
    world.ask("openai")
    for statement in ("DROP TABLE traces", "DROP TABLE packs", "PRAGMA user_version = 1"):
        rows(world.project, statement)
    world.ask("openai")
    assert world.told().provider.reason == "hit"
    assert rows(world.project, "SELECT count(*) FROM runs") == [(2,)]
