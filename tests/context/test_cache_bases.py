"""What the cache knows of packs that were sent: only what ccw wrote, while its content is there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccw.context.cache.bases import Sent, from_json, sent_of
from ccw.context.cache.store import ContextCache
from ccw.context.pack.layouts import Copy
from ccw.context.session import PackedContext, tell_sent
from tests.context.worlds import LATER, World

SENT = Sent("ab" * 32, (Copy("a\udcff.py", 400, 12), Copy("b", 414, 9)), 423, (412, 423), (423,))
NEVER = "b" * 64


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder of files of which overlays are sent to someone."""
    (tmp_path / "files").mkdir()
    for name in "abcdefgh":
        (tmp_path / "files" / name).write_text(f"{name}\n" * 100)
    world = World(tmp_path / "files", tmp_path / "cache")
    world.request = replace(world.request, layout="overlay", receiver="someone")
    return world


def send(world: World) -> PackedContext:
    packed = world.pack(like_fresh=False)
    tell_sent(world.cache, packed, time.time())
    return packed


def after_an_edit(world: World) -> list[str]:
    """Edit a file; return the superseded copies of the pack after that."""
    (world.folder / "c").write_text("edited\n")
    return [file.path for file in world.pack(like_fresh=False).superseded]


def test_it_survives_being_written() -> None:
    assert from_json(SENT.to_json()) == SENT


def row(**changed: Any) -> bytes:
    return json.dumps({**json.loads(SENT.to_json()), **changed}).encode()


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        b"",
        b"{}",
        b"[]",
        b"\xff",
        row(digest=7),
        row(copies=[["a"]]),
        row(copies=[["a", "0", 1]]),
        row(copies=[["a", -1, 1]]),
        row(copies=[[1, 0, 1]]),
        row(copies=7),
        row(prefix_bytes=None),
        row(cuts=["1"]),
        row(marks=[None]),
    ],
)
def test_what_ccw_has_not_written_is_none(data: object) -> None:
    assert from_json(row()) is not None
    assert from_json(data) is None


def test_what_was_sent_is_the_base_of_the_next(world: World) -> None:
    packed = send(world)
    assert packed.receipt is not None
    base = world.cache.base(packed.receipt.key, time.time())
    assert base is not None
    assert (base.session_id, base.earlier.content) == (packed.session_id, packed.content)
    assert base.earlier.sent
    assert sent_of(packed).copies == base.earlier.copies
    assert world.cache.base(NEVER, time.time()) is None
    assert after_an_edit(world) == ["c"]


def release(cache: ContextCache, packed: PackedContext) -> None:
    assert packed.session_id is not None
    assert cache.release(packed.session_id)


def clear(cache: ContextCache, _: PackedContext) -> None:
    cache.clear()


def send_nothing_known(cache: ContextCache, packed: PackedContext) -> None:
    """Another ccw wrote the row in a way of its own."""
    assert packed.receipt is not None
    cache.keep_base(packed.receipt.key, replace(SENT, digest="of no content"), time.time() + 99)


@pytest.mark.parametrize("lose", [release, clear, send_nothing_known])
def test_without_the_content_there_is_no_base(
    world: World, lose: Callable[[ContextCache, PackedContext], None]
) -> None:
    packed = send(world)
    assert packed.receipt is not None
    lose(world.cache, packed)
    assert world.cache.base(packed.receipt.key, time.time()) is None
    assert after_an_edit(world) == []
    assert world.cache.warnings == []


def test_what_only_the_rows_of_before_know_was_not_sent(world: World) -> None:
    """As the cache of an earlier version, which did not note what was sent."""
    world.pack(like_fresh=False)
    assert after_an_edit(world) == []
    assert [file.path for file in world.pack(like_fresh=False).files][-1] == "c"


def test_without_a_receiver_nothing_is_noted(world: World) -> None:
    world.request = replace(world.request, receiver="")
    assert send(world).receipt is None
    assert after_an_edit(world) == []


@pytest.mark.parametrize("layout", ["path", "stable"])
def test_other_layouts_need_no_note(world: World, layout: str) -> None:
    world.request = replace(world.request, layout=layout)
    assert send(world).receipt is None


def test_a_pack_that_was_not_kept_is_no_base(world: World, tmp_path: Path) -> None:
    world.cache = ContextCache(tmp_path / "small", 1000)
    packed = send(world)
    assert (packed.session_id, world.cache.base(NEVER, time.time())) == (None, None)
    assert after_an_edit(world) == []


def test_it_is_forgotten_with_the_order(world: World) -> None:
    packed = send(world)
    assert packed.receipt is not None
    known = time.time() + packed.receipt.seconds
    assert world.cache.base(packed.receipt.key, known - LATER) is not None
    assert world.cache.base(packed.receipt.key, known + LATER) is None
