"""`ccw cache explain` where the same files are named by other patterns than before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.history.traces import Changes
from ccw.history.verdicts import FIRST, Verdict
from tests.credited import World, credited

ODD = "[!a-f]*"  # all files but those that are there from the first


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    with credited(project) as made:
        yield made


def test_the_same_files_by_other_patterns(world: World) -> None:
    world.ask("openai", "@*.txt Why?")
    world.ask("openai", "@**/*.txt Why not?")
    told = world.told()
    assert told.local == Verdict(
        False, "patterns", "the same files as in an earlier call, but named by other patterns"
    )
    assert told.changes == Changes()
    assert told.provider.reason == "hit"
    assert told.seconds_since is not None
    assert told.first_difference is None


def test_the_same_files_by_other_patterns_after_too_long(world: World) -> None:
    world.ask("openai", "@*.txt Why?")
    world.clock.now += 100_000
    world.ask("openai", "@**/*.txt Why not?")
    assert world.reasons() == ("patterns", "expired")


def test_another_model_that_was_sent_them(world: World) -> None:
    world.ask("openai", "@*.txt Why?")
    world.ask("anthropic", "@**/*.txt Why?")
    assert world.reasons() == ("patterns", "first")
    world.ask("openai", "@**/*.txt Why?")
    assert world.reasons() == ("hit", "hit")
    assert world.told().seconds_since is not None


@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
@pytest.mark.parametrize("patterns", ["@[d-f].txt @[a-c].txt", "@**/*.txt"])
def test_after_an_edit_the_same_files_are_found_by_other_patterns(
    world: World, endpoint: str, patterns: str
) -> None:
    world.ask(endpoint, "@[a-c].txt @[d-f].txt Why?")
    world.edit("f.txt")
    world.ask(endpoint, f"{patterns} Why not?")
    told = world.told()
    assert told.local == Verdict(
        False,
        "changed",
        "1 file differs from an earlier call, which named these files by other patterns",
    )
    assert told.changes == Changes(changed=("f.txt",), count=1)
    assert (told.provider.reason, told.seconds_since, told.file) == ("hit", 60, "f.txt")


@pytest.mark.parametrize("name", ['x["y",.txt', "größe.txt", "x[", ",[", "[", ","])
def test_odd_names_are_found_too(world: World, name: str) -> None:
    world.edit(name, "odd\n" * 3000)  # a piece of several chunks
    world.ask("openai", f'@[a-c].txt @[d-f].txt @"{ODD}" Why?')
    world.edit("f.txt")
    world.ask("openai", f'@*.txt @"{ODD}" Why?')
    assert world.reasons()[0] == "changed"
    assert world.told().seconds_since == 60


def test_a_file_more_is_another_set_of_files(world: World) -> None:
    world.ask("openai", "@[a-c].txt @[d-f].txt Why?")
    world.edit("g.txt")
    world.ask("openai", "@*.txt Why?")
    assert world.reasons() == ("first", "hit")
    assert world.told().seconds_since is None


def test_the_last_call_about_the_same_files_counts(world: World) -> None:
    for patterns in ("@[a-c].txt @[d-f].txt", "@[a-e].txt @f.txt"):
        world.ask("openai", f"{patterns} Why?")
        world.edit("f.txt", patterns)
    world.edit("a.txt")
    world.ask("openai", "@*.txt Why?")
    assert world.told().changes.changed == ("a.txt", "f.txt")
    assert world.told().seconds_since == 60


def test_other_files_by_other_patterns(world: World) -> None:
    world.ask("openai", "@*.txt Why?")
    world.ask("openai", "@b.txt Why?")
    assert world.told().local == Verdict(False, "first", FIRST)
    assert world.told().provider.reason == "first"
