"""Each receiver of an overlay has an entry of its own in the context cache, and no row too many."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.context.cache.store import ContextCache
from ccw.context.patterns import parse_patterns
from ccw.context.session import PackedContext, PackRequest, pack_context, tell_sent
from tests.context.caches import keep
from tests.context.finding import write
from tests.context.packs import scope_of

LATER = 10.0  # beyond the clock's resolution
NOW = time.time()


class Receivers:
    """A folder whose packs are sent to receivers that are given by their names."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "files"
        write(self.folder, *(f"{name}.py" for name in "abcdefghij"), text="x = 1\n" * 200)
        self.cache = ContextCache(tmp_path / "cache", 10 << 20)
        self.now = time.time() + LATER
        scope = scope_of(self.folder)
        self.request = PackRequest(scope, parse_patterns(["**"]), layout="overlay")

    def edit(self, name: str) -> None:
        (self.folder / f"{name}.py").write_text("edited\n" * 170)

    def pack(self, receiver: str) -> PackedContext:
        self.now += LATER
        request = replace(self.request, receiver=receiver)
        return pack_context(request, self.cache, now=self.now)

    def call(self, receiver: str) -> PackedContext:
        packed = self.pack(receiver)
        tell_sent(self.cache, packed, self.now)
        return packed

    def counted(self) -> tuple[int, int]:
        totals = self.cache.status(self.now)
        return totals.hits, totals.misses


@pytest.fixture
def receivers(tmp_path: Path) -> Receivers:
    return Receivers(tmp_path)


def manifests(cache: ContextCache) -> int:
    cache.close()
    with closing(sqlite3.connect(cache.folder / "cache.db")) as database:
        ((number,),) = database.execute("SELECT COUNT(*) FROM Cache WHERE key LIKE 'm:%'")
    return int(number)


def test_receivers_that_take_turns_hit(receivers: Receivers) -> None:
    receivers.call("one")
    receivers.edit("b")
    first = [receivers.call(name).content for name in ("one", "other")]
    assert first[0] != first[1]
    for _ in range(3):
        packed = [receivers.call(name) for name in ("one", "other")]
        assert [(p.hit, p.content) for p in packed] == [(True, text) for text in first]
    assert receivers.counted() == (6, 3)
    assert manifests(receivers.cache) == 3


def test_a_pack_that_is_the_same_for_both_is_a_hit(receivers: Receivers) -> None:
    packed = [receivers.call(name) for name in ("one", "other", "one")]
    assert [p.hit for p in packed] == [False, True, True]
    assert len({(p.session_id, p.expires_at) for p in packed}) == 1


def test_a_pack_for_another_that_has_expired_is_no_hit(receivers: Receivers) -> None:
    """Its order is in use for longer."""
    receivers.request = replace(receivers.request, ttl_minutes=1, provider_seconds=600)
    first = receivers.call("one")
    receivers.now += 60
    again = receivers.call("other")
    assert (again.hit, again.compared_with) == (False, first.session_id)
    assert again.content == first.content


def test_a_pack_made_for_nobody_is_a_hit(receivers: Receivers) -> None:
    assert [receivers.pack("").hit, receivers.call("one").hit] == [False, True]
    receivers.edit("b")
    assert [receivers.pack("").hit, receivers.call("one").hit] == [False, False]
    assert [receivers.pack("").hit, receivers.call("one").hit] == [True, True]


def test_taking_over_a_pack_leaves_the_one_before_listed(receivers: Receivers) -> None:
    receivers.pack("one")
    receivers.edit("b")
    both = [receivers.pack(name) for name in ("other", "one")]
    assert [p.hit for p in both] == [False, True]
    assert receivers.cache.status(receivers.now).entries == 2


def test_a_content_that_comes_and_goes_leaves_one_row_each(receivers: Receivers) -> None:
    for second in range(6):
        keep(receivers.cache, "key", b"ab"[second % 2 :][:1], NOW + second)
    assert manifests(receivers.cache) == 2


def test_an_entry_that_is_kept_again_leaves_one_row(receivers: Receivers) -> None:
    for second in range(3):
        keep(receivers.cache, "key", b"the same", NOW + second)
    assert manifests(receivers.cache) == 1
