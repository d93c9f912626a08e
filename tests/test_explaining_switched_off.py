"""`ccw cache explain` of calls with the cache off, also at providers that cache by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ccw.history.traces import Changes
from ccw.history.verdicts import FIRST_THERE, UNHEEDED
from tests.credited import World, credited
from tests.servers.prefix_cache import openai_cache


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    with credited(project) as made:
        yield made


def test_a_switch_that_a_provider_does_not_heed(world: World) -> None:
    told = partial(world.ask, "openai", enable_cache=False)
    told()
    assert world.reasons() == ("off", "first")
    assert world.told().provider.message == f"{FIRST_THERE} by this endpoint; {UNHEEDED}"
    told()
    assert world.reasons() == ("off", "hit")
    assert world.told().seconds_since == 60
    world.openai.default = openai_cache(world.clock)
    world.edit("f.txt")
    told()
    assert world.reasons() == ("off", "not kept")
    assert world.told().file == "f.txt"
    world.clock.now += 3600
    told()
    assert world.reasons() == ("off", "expired")


def test_calls_with_and_without_the_cache_are_seen_by_one_provider(world: World) -> None:
    world.ask("openai")
    world.edit("f.txt")
    world.ask("openai", enable_cache=False)
    assert world.told().changes == Changes(changed=("f.txt",), count=1)
    assert (world.told().seconds_since, world.told().file) == (60, "f.txt")
    world.clock.now += 200
    world.ask("openai")  # the first one was too long ago
    told = world.told()
    assert (told.local.reason, told.changes.count) == ("changed", 1)
    assert (told.provider.hit, told.seconds_since, told.first_difference) == (True, 260, None)


def test_too_little_for_a_provider_that_caches_by_itself(world: World) -> None:
    world.edit("small.md", "short\n")
    world.ask("openai", "@small.md Why?", enable_cache=False)
    assert world.reasons() == ("off", "below minimum")


def test_a_call_without_the_cache_is_no_earlier_one_for_the_cache(world: World) -> None:
    world.ask("openai", enable_cache=False)
    world.ask("openai")
    assert world.reasons() == ("first", "hit")


def test_a_provider_that_keeps_what_is_marked_was_sent_no_marks(world: World) -> None:
    for enable_cache in (True, False, True):
        world.ask("anthropic", enable_cache=enable_cache)
    assert world.reasons() == ("hit", "hit")
    assert world.told().seconds_since == 120
