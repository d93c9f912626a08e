"""Every session that can be read is told of, also one whose request has a newer pack."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.context.cache.store import ContextCache
from tests.context.caches import keep

MB = 1 << 20
NOW = time.time()


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ContextCache]:
    made = ContextCache(tmp_path / "cache", 10 * MB)
    yield made
    made.close()


def shown(cache: ContextCache, now: float = NOW) -> tuple[list[str], int, int]:
    """Return the sessions that are listed, and the totals."""
    totals = cache.status(now)
    return [m.session_id for m in cache.sessions(now)], totals.entries, totals.total_bytes


@pytest.mark.parametrize("size", [10, 100_000], ids=["in-the-database", "in-files"])
def test_packs_of_a_request_that_changes_are_all_told(cache: ContextCache, size: int) -> None:
    packs = [bytes([65 + number]) * size for number in range(6)]
    made = [keep(cache, "key", content, NOW) for content in packs]
    listed, entries, total = shown(cache)
    assert (sorted(listed), entries, total) == (sorted(made), 6, 6 * size)
    assert [cache.content(session, NOW) for session in made] == packs
    found = cache.lookup("key", NOW)
    assert found
    assert found.content == packs[-1]
    assert cache.clear() == 6
    assert shown(cache) == ([], 0, 0)


def test_a_content_that_comes_and_goes_is_told_once(cache: ContextCache) -> None:
    for second, content in enumerate([b"a", b"b"] * 3):
        keep(cache, "key", content, NOW + second)
    (last, first), entries, size = shown(cache)
    assert (entries, size) == (2, 2)
    assert (cache.content(first, NOW), cache.content(last, NOW)) == (b"a", b"b")
    assert cache.release(first)
    assert shown(cache) == ([last], 1, 1)


def test_an_earlier_pack_expires_in_its_own_time(cache: ContextCache) -> None:
    now = time.time()  # what is kept for a minute only is gone when this file was read long ago
    keep(cache, "key", b"first", now, seconds=60)
    second = keep(cache, "key", b"second", now + 30, seconds=60)
    assert shown(cache, now + 70)[:2] == ([second], 1)
    cache.cleanup(now + 70)
    assert shown(cache, now + 70) == ([second], 1, 6)
