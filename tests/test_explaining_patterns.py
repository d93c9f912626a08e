"""`ccw cache explain` where the same files are named by other patterns than before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.history.traces import Changes
from ccw.history.verdicts import FIRST, Verdict
from tests.credited import World, credited


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


def test_other_files_by_other_patterns(world: World) -> None:
    world.ask("openai", "@*.txt Why?")
    world.ask("openai", "@b.txt Why?")
    assert world.told().local == Verdict(False, "first", FIRST)
    assert world.told().provider.reason == "first"
