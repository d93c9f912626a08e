"""Where a request differs from the one before: to the byte, or between two bytes, never wrongly."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ccw import context_cache
from ccw.history.log import HISTORY_FILE
from ccw.history.traces import Changes
from tests.credited import World, credited, environ
from tests.servers.any_wire import joined, sent
from tests.servers.prefix_cache import common_prefix

LINES = "a line of words\n" * 8000


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    with credited(project) as made:
        made.edit("big.md", LINES)
        yield made


def forget(world: World) -> None:
    """Throw the earlier pack away, as time and other packs do."""
    context_cache.clear(world.project, environ=environ())


def real(world: World) -> int:
    """The first byte that differs between the last two requests."""
    before, now = (joined(sent(request)) for request in world.openai.posts[-2:])
    return common_prefix(before, now)  # all of it is ASCII


def query(world: World, text: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(world.project / HISTORY_FILE, isolation_level=None)) as database:
        return database.execute(text, values).fetchall()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{LINES}one more\n", id="at-the-end"),
        pytest.param(f"one more\n{LINES}", id="at-the-start"),
        pytest.param(f"{LINES[:70000]}one more\n{LINES[70000:]}", id="in-the-middle"),
        pytest.param(LINES[:70000], id="cut-off"),
    ],
)
def test_a_lost_pack_leaves_two_bytes_to_tell(world: World, text: str) -> None:
    world.ask("openai", "@*.txt @big.md Why?")
    forget(world)
    world.edit("big.md", text)
    world.ask("openai", "@*.txt @big.md Why?")
    told = world.told()
    assert (told.first_difference, told.part, told.file) == (None, "file", "big.md")
    assert told.first_difference_between is not None
    low, high = told.first_difference_between
    assert low <= real(world) <= high <= low + 16400
    expected = f"; the first byte that differs is between {low:,} and {high:,} (big.md)"
    assert told.provider.message.endswith(expected)
    assert query(world, "SELECT first_difference FROM runs") == [(None,), (None,)]


def test_a_pack_between_is_not_what_was_sent(world: World) -> None:
    """Where the two differ lies near by, but elsewhere."""
    world.ask("openai", "@big.md Why?")
    world.edit("big.md", f"{LINES[:70000]}packed\n{LINES[70000:]}")
    world.ask("openai", "@big.md Why?", max_cost=0.0)
    world.edit("big.md", f"{LINES[:70000]}packed\nsent\n{LINES[70000:]}")
    world.ask("openai", "@big.md Why?")
    told = world.told()
    assert told.first_difference is None
    assert told.first_difference_between is not None
    low, high = told.first_difference_between
    assert low <= real(world) <= high
    assert query(world, "SELECT first_difference FROM runs ORDER BY id") == [(None,), (None,)]


@pytest.mark.parametrize("layout", ["path", "stable"])
def test_the_log_tells_what_explain_tells(world: World, layout: str) -> None:
    world.configure(layout=layout)
    world.ask("openai")
    world.edit("b.txt")
    world.ask("openai")
    told = world.told()
    assert told.first_difference == real(world)
    logged = query(world, "SELECT first_difference FROM runs ORDER BY id")
    assert logged == [(None,), (told.first_difference,)]


def test_another_header(world: World) -> None:
    world.configure(layout="stable")
    world.ask("openai")
    world.configure(layout="overlay")
    world.ask("openai")
    told = world.told()
    assert (told.part, told.file, told.file_before) == ("header", None, None)
    assert told.first_difference_between is not None
    low, high = told.first_difference_between
    assert low <= real(world) <= high < 1024
    message = told.provider.message
    assert message.endswith(f"between {low:,} and {high:,} (the header of the pack)")


@pytest.mark.parametrize("lost", [False, True])
def test_a_longer_list_of_files_left_out(world: World, lost: bool) -> None:
    (world.project / "z.txt").write_bytes(b"\0" * 9)
    world.ask("openai")
    if lost:
        forget(world)
    (world.project / "y.txt").write_bytes(b"\0" * 9)
    world.ask("openai")
    told = world.told()
    assert (told.local.reason, told.changes) == ("left out", Changes(left_out=True))
    assert told.local.message == (
        "the files are the same as in the call before, but others were left out than then"
    )
    assert (told.part, told.file) == ("left out", None)
    assert told.provider.message.endswith(" (the list of files left out)")
    low, high = told.first_difference_between or (told.first_difference,) * 2
    assert low is not None
    assert high is not None
    assert low <= real(world) <= high
    assert (low == high) is not lost


def test_a_text_after_the_files(world: World) -> None:
    world.ask("openai", context_text="one text\n")
    forget(world)
    world.ask("openai", context_text="other text\n")
    told = world.told()
    assert (told.part, told.file) == ("after the files", None)
    assert told.local.reason == "gone"
    assert told.provider.message.endswith(" (what follows the files)")


def test_a_file_first_left_out(world: World) -> None:
    """It is only appended to what was sent before."""
    world.ask("openai")
    (world.project / "z.txt").write_bytes(b"\0" * 9)
    world.ask("openai")
    told = world.told()
    assert (told.local.reason, told.part) == ("left out", None)
    assert (told.first_difference, told.first_difference_between) == (None, None)


def test_packs_in_an_older_log(world: World) -> None:
    """They were kept as path, digest, end and digest of all up to there."""
    for edited in (False, True):
        world.ask("openai", "@*.txt @big.md Why?")
        ((text,),) = query(world, "SELECT pieces FROM packs")
        older = [piece[:4] for piece in json.loads(text)[1:]]
        query(world, "UPDATE packs SET pieces = ?", json.dumps(older))
        forget(world)
        if edited:
            world.edit("e.txt")
        world.ask("openai", "@*.txt @big.md Why?")
        told = world.told()
        assert told.changes == Changes(changed=("e.txt",) if edited else (), count=int(edited))
        assert told.file == ("e.txt" if edited else None)
        low, high = told.first_difference_between or (0, 0)
        assert not edited or low <= real(world) <= high
