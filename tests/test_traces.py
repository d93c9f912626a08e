"""What the run log keeps of a call's prefix: no text, not for ever, and safe to read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions
from ccw.errors import HistoryUnusable
from ccw.execution.planning import make_plan
from ccw.execution.results import result_of
from ccw.history.log import HISTORY_FILE
from ccw.history.traces import KEPT_PACKS, trace_of
from tests.credited import CANARY, World, credited, environ


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    with credited(project) as made:
        yield made


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
    "text",
    [
        *("", "{", "[1]", "{}", "null", '{"changes": 1}', '[["a"]]', '[["a", "b", "c", "d"]]'),
        *('[[1, "b", 3, "d"]]', '[["a", "b", 3, "d", "file", [1]]]', '[["a", "b", 3, "d", "e"]]'),
    ],
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


def test_the_traces_of_an_older_log_are_read(world: World) -> None:
    world.ask("openai")
    world.edit("b.txt")
    world.ask("openai")
    told = world.told()
    for run, text in rows(world.project, "SELECT run, detail FROM traces"):
        fields = json.loads(text)
        for name in ("between", "part", "minimum", "lead", "size"):
            del fields[name]
        fields["changes"] = fields["changes"] and {
            name: fields["changes"][name] for name in ("changed", "added", "removed", "count")
        }
        query = f"UPDATE traces SET detail = ? WHERE run = {run}"
        rows(world.project, query, json.dumps(fields))
    assert world.told() == replace(told, part=None)


@pytest.mark.parametrize(
    ("exit_code", "output", "sent", "received"),
    [
        pytest.param(0, "an answer", True, True, id="answered"),
        pytest.param(1, "the beginning", True, True, id="broken-off"),
        pytest.param(1, "", True, False, id="failed"),
        pytest.param(130, "", True, True, id="interrupted"),
        pytest.param(143, "", True, True, id="terminated"),
        pytest.param(130, "", False, False, id="interrupted-before"),
    ],
)
def test_only_what_may_have_been_received_is_compared(
    world: World, exit_code: int, output: str, sent: bool, received: bool
) -> None:
    options = LiteLLMExecutionOptions("@*.txt Why?", "openai", world.project)
    plan = make_plan(options, environ(), world.clock.now, call=False)
    result = replace(
        result_of(plan, success=not exit_code, took=1), exit_code=exit_code, output=output
    )
    assert (trace_of(plan, result, sent=sent) is not None) is received


@pytest.mark.parametrize("lifetime", ["5m", "1h"])
def test_what_is_written_to_the_cache_went_in(world: World, lifetime: str) -> None:
    world.configure(providerCache=lifetime)
    world.ask("anthropic")
    ((fresh, written),) = rows(world.project, f"SELECT input, cache_write_{lifetime} FROM runs")
    assert written > 1000
    assert world.told().total_input == fresh + written


def test_no_mark_is_spent_before_the_models_minimum(world: World) -> None:
    for number in range(14):
        world.edit(f"{number:02}.md", f"word{number} " * 90)
    world.ask("anthropic", "@*.md Why?")
    ((detail,),) = rows(world.project, "SELECT detail FROM traces")
    marks = json.loads(detail)["marks"]
    assert len(marks) == 4
    assert all(mark >= 1024 * 3 for mark in marks)
