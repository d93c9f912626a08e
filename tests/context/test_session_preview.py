"""A preview is packed as a call would be, and leaves the cache as it was."""

from __future__ import annotations

import time
from dataclasses import replace

from ccw.context.cache.entries import Status
from ccw.context.session import PackedContext, pack_found
from tests.context.packs import found_in, open_file
from tests.context.worlds import LATER, World


def preview(world: World) -> PackedContext:
    now = time.time() + LATER
    found = found_in(world.folder)
    return pack_found(found, world.request, open_file, world.cache, now=now, keep=False)


def totals(world: World) -> Status:
    return world.cache.status(time.time() + LATER)


def test_a_first_preview_keeps_nothing(world: World) -> None:
    seen = preview(world)
    assert (seen.session_id, seen.expires_at, seen.hit) == (None, None, False)
    before = totals(world)
    called = world.pack()
    assert (before.entries, before.hits, before.misses) == (0, 0, 0)
    assert (called.content, called.hit) == (seen.content, False)


def test_a_preview_of_what_is_kept_says_so_and_counts_no_hit(world: World) -> None:
    called = world.pack()
    before = totals(world)
    hit = replace(called, hit=True, first_difference=len(called.content))
    assert preview(world) == replace(hit, compared_with=called.session_id)
    assert totals(world) == before


def test_a_preview_between_two_calls_changes_nothing_for_the_second(world: World) -> None:
    world.request = replace(world.request, layout="stable")
    first = world.pack(like_fresh=False)
    (world.folder / "a.txt").write_text("previewed\n")
    seen = preview(world)
    (world.folder / "a.txt").write_text("this is a\n")
    assert [file.path for file in seen.files] == ["b.txt", "c.txt", "a.txt"]
    assert not seen.hit
    second = world.pack(like_fresh=False)
    assert (second.content, second.session_id, second.hit) == (
        first.content,
        first.session_id,
        True,
    )
