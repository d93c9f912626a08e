"""Packing through the cache: the same bytes as without it, whatever happens to the files."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.context.cache.store import ContextCache
from ccw.context.files.find import Skipped
from ccw.context.pack.assemble import PackedFile
from ccw.context.pack.render import HEADER
from ccw.context.session import PackedContext
from ccw.errors import ContextTooLarge
from tests.context.packs import ReadFile, found_in, read_pack
from tests.context.worlds import LATER, World


def test_the_first_call_keeps_the_pack(world: World) -> None:
    before = time.time()
    packed = world.pack(later=0)
    offset = len(HEADER) + 2
    assert packed.content.startswith(HEADER)
    assert replace(packed, content=b"", session_id=None, expires_at=None) == PackedContext(
        content=b"",
        files=tuple(PackedFile(f"{n}.txt", offset + i * 24, 22) for i, n in enumerate("abc")),
        skipped=(Skipped("d.bin", "binary"),),
        matched={"@*": 4},
        prefix_bytes=len(packed.content),
        cuts=packed.cuts,
        marks=packed.marks,
    )
    assert packed.session_id
    assert packed.expires_at
    assert packed.session_id.startswith("ctx-")
    assert len(packed.session_id) == 16
    assert before + 3600 <= packed.expires_at <= time.time() + 3600
    assert world.cache.content(packed.session_id, before) == packed.content


def test_the_second_call_reads_no_file(world: World) -> None:
    first, second = world.pack(), world.pack()
    assert (first.hit, second.hit) == (False, True)
    assert world.read == []
    assert second.first_difference == len(first.content)
    assert replace(second, hit=False, first_difference=None, compared_with=None) == first


def test_another_cache_object_finds_it(world: World, tmp_path: Path) -> None:
    world.pack()
    world.cache.close()
    world.cache = ContextCache(tmp_path / "cache", 10 << 20, "other project")
    assert world.pack().hit
    assert world.read == []


def edit_in_place(path: Path) -> None:
    path.write_text("THIS IS B\n")


def edit_keeping_size_and_times(path: Path) -> None:
    status = path.stat()
    path.write_text("THIS IS B\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_rename(path: Path) -> None:
    new = path.with_name("new")
    new.write_text("THIS IS B\n")
    status = path.stat()
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(new, path)


@pytest.mark.parametrize("edit", [edit_in_place, edit_keeping_size_and_times, replace_by_rename])
def test_an_edited_file_alone_is_read_again(world: World, edit: object) -> None:
    first = world.pack()
    edit(world.folder / "b.txt")  # type: ignore[operator]
    second = world.pack()
    assert world.read == ["b.txt"]
    assert not second.hit
    assert second.session_id != first.session_id
    assert ReadFile("b.txt", b"THIS IS B\n") in read_pack(second.content)[0]
    assert world.pack().hit


def test_a_touched_file_is_read_and_is_still_a_hit(world: World) -> None:
    first = world.pack()
    os.utime(world.folder / "b.txt")
    second = world.pack()
    assert world.read == ["b.txt"]
    assert replace(second, hit=False, first_difference=None, compared_with=None) == first
    world.pack()
    assert world.read == []


def test_an_added_file_alone_is_read(world: World) -> None:
    world.pack()
    (world.folder / "bb.txt").write_text("new\n")
    packed = world.pack()
    assert world.read == ["bb.txt"]
    assert [file.path for file in packed.files] == ["a.txt", "b.txt", "bb.txt", "c.txt"]


def test_a_deleted_file_is_gone_from_the_pack(world: World) -> None:
    world.pack()
    (world.folder / "b.txt").unlink()
    packed = world.pack()
    assert world.read == []
    assert not packed.hit
    assert [file.path for file in packed.files] == ["a.txt", "c.txt"]


def test_a_binary_file_that_becomes_text_is_seen(world: World) -> None:
    world.pack()
    (world.folder / "d.bin").write_text("text\n")
    assert world.pack().files[-1].path == "d.bin"
    assert world.read == ["d.bin"]


def test_changes_within_the_clocks_resolution_are_never_trusted(world: World) -> None:
    """A file packed right after its change is read again until the clock has gone on."""
    world.pack(later=0)
    again = world.pack(later=0.5)
    assert again.hit
    assert world.read == ["a.txt", "b.txt", "c.txt", "d.bin"]
    settled = world.pack(later=LATER)
    assert settled.hit
    assert world.read == ["a.txt", "b.txt", "c.txt", "d.bin"]
    assert world.pack(later=LATER).hit
    assert world.read == []


def test_an_edit_right_after_packing_is_seen(world: World) -> None:
    """Even if the stamp did not change at all: the walk reports the old one here."""
    walked = found_in(world.folder)
    world.pack(later=0)
    (world.folder / "b.txt").write_text("THIS IS B\n")
    packed = world.pack(later=0.5, found=walked)
    assert ReadFile("b.txt", b"THIS IS B\n") in read_pack(packed.content)[0]


def test_an_entry_expires_after_it_was_packed_and_not_used(world: World) -> None:
    world.request = replace(world.request, ttl_minutes=1)
    world.pack()
    assert world.pack(later=LATER + 50).hit
    assert not world.pack(later=LATER + 61).hit


def test_the_bound_holds_for_cached_content_too(world: World) -> None:
    world.pack()
    world.request = replace(world.request, max_bytes=300)
    with pytest.raises(ContextTooLarge):
        world.pack()


def test_a_dropped_file_comes_back_with_a_larger_bound(world: World) -> None:
    (world.folder / "b.txt").write_text("b" * 5000)
    world.request = replace(world.request, max_bytes=1024, over="drop")
    small = world.pack()
    assert [file.path for file in small.files] == ["a.txt", "c.txt"]
    assert [item.path for item in small.skipped] == ["b.txt", "d.bin"]
    assert world.pack().hit
    world.request = replace(world.request, max_bytes=100_000)
    assert [file.path for file in world.pack().files] == ["a.txt", "b.txt", "c.txt"]


def test_hits_and_misses_are_counted_over_processes(world: World, tmp_path: Path) -> None:
    for _ in range(3):
        world.pack()
        world.cache.close()
    status = ContextCache(tmp_path / "cache", 1).status(time.time())
    assert (status.hits, status.misses, status.entries) == (2, 1, 1)


def test_equal_content_of_two_requests_is_one_session(world: World) -> None:
    first = world.pack()
    world.request = replace(world.request, ttl_minutes=600, file_patterns=(), layout="stable")
    second = world.pack()
    assert not second.hit
    assert second.session_id == first.session_id
    (session,) = world.cache.sessions(time.time() + LATER)
    assert session.expires_at == second.expires_at
    assert first.session_id
    assert world.cache.release(first.session_id)
    assert not world.cache.release(first.session_id)
    assert not world.pack().hit
