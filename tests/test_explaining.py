"""Why a call hit or missed, told from the log after calls of two kinds of prefix cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ccw import context_cache
from ccw.errors import NotFound
from ccw.history.calls import Failure
from ccw.history.log import HISTORY_FILE
from ccw.history.traces import Changes
from ccw.history.verdicts import Verdict
from ccw.moments import moment
from tests.credited import World, credited, environ
from tests.servers.any_wire import joined, sent
from tests.servers.openai_wire import say, status
from tests.servers.prefix_cache import (
    MarkedPrefixes,
    anthropic_cache,
    common_prefix,
    openai_cache,
)


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    with credited(project) as made:
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


def test_a_refused_call_packs_too(world: World) -> None:
    world.ask("openai")
    world.edit("b.txt")
    world.ask("openai", max_cost=0.0)
    world.ask("openai")
    told = world.told()
    assert told.local == Verdict(
        True,
        "packed",
        "already packed (by a call that was refused or failed, or by ccw cache pack)",
    )
    assert told.changes == Changes(changed=("b.txt",), count=1)


def test_a_log_that_was_deleted(world: World) -> None:
    world.ask("openai")
    (world.project / HISTORY_FILE).unlink()
    world.ask("openai")
    told = world.told()
    assert told.local == Verdict(
        True,
        "packed",
        "already packed, but no earlier call with these patterns is in the log (it was refused, "
        "failed, or is no longer there; ccw cache pack leaves no line)",
    )
    assert told.provider.hit is True


def test_a_call_that_is_compared_with_nothing_has_no_difference(world: World) -> None:
    world.ask("openai")
    world.ask("anthropic")  # the context cache had it, this model was sent nothing
    world.edit("b.txt")
    world.openai.will(status(400))
    world.ask("openai")
    assert differences(world) == [None, None, None]


def differences(world: World) -> list[int | None]:
    query = "SELECT first_difference FROM runs ORDER BY id"
    with closing(sqlite3.connect(world.project / HISTORY_FILE)) as database:
        return [place for (place,) in database.execute(query)]


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
    with pytest.raises(NotFound, match="no call with files that reached the model is in"):
        world.told()
    world.ask("openai", "no files")
    with pytest.raises(NotFound):
        world.told()
    world.ask("openai")
    with pytest.raises(NotFound, match="ctx-none"):
        world.told("ctx-none")


def test_a_call_that_failed_is_named_and_changes_nothing_else(world: World) -> None:
    session = world.ask("openai")
    before = world.told()
    world.edit("b.txt")
    world.openai.will(status(401), status(400))
    world.ask("openai")
    world.ask("openai")
    failure = Failure(moment(world.clock.now), 1)
    assert world.told() == replace(before, failed_since=failure)
    assert world.told(session) == before
    world.ask("openai")
    assert world.told().failed_since is None


def test_only_calls_that_failed(world: World) -> None:
    world.openai.will(status(401), status(401))
    world.ask("openai")
    world.ask("openai")
    with pytest.raises(NotFound) as told:
        world.told()
    assert str(told.value) == (
        "no call with files that reached the model is in the run log; "
        f"the call at {moment(world.clock.now)} failed with exit code 5"
    )
