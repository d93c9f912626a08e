"""What a request asks for: text, line ranges, nothing, odd names; and its key in the cache."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.context.cache.store import ContextCache
from ccw.context.files.find import Found, FoundFile
from ccw.context.request import PackRequest, request_key
from ccw.context.session import PackedContext, pack_found
from tests.context.packs import ReadFile, found_in, open_file, read_pack, scope_of, understood
from tests.context.worlds import LATER, World


def test_text_is_packed_after_the_files(world: World) -> None:
    world.request = replace(world.request, text="hello\n``` there", text_name="<stdin>")
    packed = world.pack()
    files, missing = read_pack(packed.content)
    assert files[-1] == ReadFile("<stdin>", b"hello\n``` there")
    assert missing == ["- d.bin: binary"]
    assert packed.content[: packed.prefix_bytes].endswith(b"this is c\n```")
    assert world.pack().hit
    world.request = replace(world.request, text="other")
    assert not world.pack().hit


def test_another_text_goes_on_from_the_order_of_the_files(world: World) -> None:
    world.request = replace(world.request, layout="stable", text="one diff")
    (world.folder / "e.txt").write_text("this is e\n")
    world.pack(like_fresh=False)
    (world.folder / "a.txt").write_text("edited\n")
    world.request = replace(world.request, text="another diff")
    second = world.pack(like_fresh=False)
    assert [file.path for file in second.files] == ["b.txt", "c.txt", "e.txt", "a.txt"]
    assert world.read == ["a.txt"]
    world.request = replace(world.request, text=None)
    third = world.pack(like_fresh=False)
    assert third.content.startswith(second.content[: second.prefix_bytes])
    assert (world.read, third.hit, third.first_difference) == ([], False, second.prefix_bytes + 2)
    world.request = replace(world.request, text="another diff")
    assert world.pack(like_fresh=False).hit


def test_text_alone(tmp_path: Path) -> None:
    request = PackRequest(scope_of(tmp_path), text="x\n")
    packed = pack_found(Found(), request, open_file, now=0)
    assert read_pack(packed.content)[0] == [ReadFile("<text>", b"x\n")]
    assert packed.files == ()


def test_nothing_found_is_nothing_and_is_not_kept(world: World) -> None:
    request = PackRequest(scope_of(world.folder))
    packed = pack_found(Found(), request, open_file, world.cache, now=time.time())
    assert packed == PackedContext(b"")
    assert world.cache.status(time.time()).entries == 0


def test_without_a_cache_nothing_is_written(world: World) -> None:
    pack_found(found_in(world.folder), world.request, open_file, None, now=time.time())
    assert not world.cache.folder.exists()


def test_line_ranges_are_part_of_what_is_kept(world: World) -> None:
    world.pack()
    found = found_in(world.folder, a=((1, 1),))
    packed = pack_found(found, world.request, open_file, world.cache, now=time.time() + LATER)
    assert read_pack(packed.content)[0][0] == ReadFile("a.txt", b"this is a\n", "1")


def test_requests_that_can_differ_in_content_have_keys_of_their_own(tmp_path: Path) -> None:
    base = PackRequest(scope_of(tmp_path))
    others = [
        replace(base, text="x"),
        replace(base, text_name="x"),
        replace(base, layout="stable"),
        replace(base, file_patterns=("*.py",)),
        replace(base, scope=scope_of(tmp_path / "x")),
        replace(base, scope=scope_of(tmp_path, max_file_size=5)),
        replace(base, scope=scope_of(tmp_path, include_dirs=(tmp_path,))),
        replace(base, scope=scope_of(tmp_path, allow_secrets=True)),
        replace(base, layout="overlay"),
        replace(base, layout="overlay", receiver="one"),
        replace(base, layout="overlay", receiver="other"),
    ]
    assert len({request_key(request) for request in [base, *others]}) == len(others) + 1
    same = [
        replace(base, max_bytes=1),
        replace(base, over="drop"),
        replace(base, ttl_minutes=1),
        replace(base, provider_seconds=1),
        replace(base, receiver="one"),
    ]
    assert {request_key(request) for request in same} == {request_key(base)}


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9")).write_text("x\n")
    world = World(folder, tmp_path / "cache")
    first = world.pack()
    assert read_pack(first.content)[0] == [ReadFile("caf\udce9", b"x\n")]
    assert world.pack().hit
    assert world.read == []
    world.cache.close()


@pytest.mark.parametrize("layout", ["path", "stable", "overlay"])
def test_a_call_within_another_one(world: World, layout: str) -> None:
    """The later one to end is what the next one goes on from; neither tells old text as new."""
    world.request = replace(world.request, layout=layout)
    (world.folder / "large.txt").write_text("nothing changes this\n" * 100)
    world.pack(like_fresh=False)
    (world.folder / "b.txt").write_text("edited\n")
    walked = found_in(world.folder)

    def open_after_another_call(file: FoundFile) -> int:
        (world.folder / "a.txt").write_text("edited meanwhile\n")
        (world.folder / "c.txt").unlink()
        other = ContextCache(world.cache.folder, 10 << 20)
        found = found_in(world.folder)
        packed = pack_found(found, world.request, open_file, other, now=time.time() + LATER)
        other.close()
        assert understood(packed.content) == texts(world.folder)
        return open_file(file)

    before = texts(world.folder)
    now = time.time() + LATER
    outer = pack_found(walked, world.request, open_after_another_call, world.cache, now=now)
    assert understood(outer.content) == before
    assert understood(world.pack(like_fresh=False).content) == texts(world.folder)


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}
