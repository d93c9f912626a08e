"""How long the order of a pack is remembered: while it is in use, longer than its session."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ccw.context.session import PackedContext, pack_found
from tests.context.packs import found_in, open_file
from tests.context.worlds import LATER, World

MINUTE = 60.0


def order(packed: PackedContext) -> str:
    return " ".join(file.path[0] for file in packed.files)


@pytest.fixture
def edited(world: World) -> World:
    """A world that keeps packs for a minute, in whose order `a.txt` is the last file."""
    world.request = replace(world.request, layout="stable", ttl_minutes=1)
    world.pack(like_fresh=False)
    (world.folder / "a.txt").write_text("edited\n")
    assert order(world.pack(like_fresh=False)) == "b c a"
    return world


def test_an_order_in_use_outlives_its_session(edited: World) -> None:
    used = edited.pack(later=LATER + 50, like_fresh=False)
    again = edited.pack(later=LATER + 100, like_fresh=False)
    assert (used.hit, again.hit) == (True, False)
    assert (order(again), again.content) == ("b c a", used.content)
    assert (again.cuts, again.marks) == (used.cuts, used.marks)
    assert again.first_difference == len(again.content)
    assert edited.read == ["a.txt", "b.txt", "c.txt", "d.bin"]
    assert again.expires_at == pytest.approx((used.expires_at or 0) + 100 - LATER, abs=30)


@pytest.mark.parametrize("used", [False, True], ids=["packed", "used"])
def test_an_order_that_is_not_used_is_forgotten(edited: World, used: bool) -> None:
    if used:
        edited.pack(later=LATER + 50, like_fresh=False)
    last = LATER + 50 * used
    assert order(edited.pack(later=last + MINUTE + 1)) == "a b c"


def test_an_order_is_remembered_as_long_as_a_provider_does(edited: World) -> None:
    edited.request = replace(edited.request, provider_seconds=600)
    edited.pack(like_fresh=False)
    assert order(edited.pack(later=LATER + 599, like_fresh=False)) == "b c a"
    assert order(edited.pack(later=LATER + 599 + 601)) == "a b c"


def test_a_preview_does_not_prolong_it(edited: World) -> None:
    now = time.time() + LATER + 50
    found = found_in(edited.folder)
    seen = pack_found(found, edited.request, open_file, edited.cache, now=now, keep=False)
    assert order(seen) == "b c a"
    assert order(edited.pack(later=LATER + MINUTE + 1)) == "a b c"


def test_a_session_expires_though_its_order_is_in_use(edited: World) -> None:
    used = edited.pack(later=LATER + 50, like_fresh=False)
    then = time.time() + LATER + 70
    assert used.session_id
    assert edited.cache.content(used.session_id, then - 20) == used.content
    assert edited.cache.content(used.session_id, then) is None
    assert edited.cache.sessions(then) == ()
    assert edited.cache.status(then).entries == 0


def test_an_entry_of_another_request_does_not_outlive_its_session(edited: World) -> None:
    """The same files with a text after them go on in the order, and are no hit."""
    edited.pack(later=LATER + 50, like_fresh=False)
    edited.request = replace(edited.request, text="a diff\n")
    packed = edited.pack(later=LATER + 100, like_fresh=False)
    assert (order(packed), packed.hit) == ("b c a", False)
