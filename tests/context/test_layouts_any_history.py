"""Whatever happens to the files and to the cache: the pack, read as it says, is the files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from unittest import TestCase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ccw.context.cache.store import ContextCache
from ccw.context.pack.assemble import GAP, PackedFile
from ccw.context.pack.layouts import MAX_SUPERSEDED, Earlier
from ccw.context.pack.make import Made
from ccw.context.session import PackedContext, PackRequest, pack_found, tell_sent
from tests.context.histories import History
from tests.context.packs import found_in, open_file, scope_of, understood

NAMES = st.sampled_from(["a", "b", "c c", "d`", "é", "f.py"])
TEXTS = st.integers(0, 9).map(lambda number: f"{number}\n```\n" * (number * number + 1))
TTL_SECONDS = 3600.0
LATER = 10.0  # beyond the clock's resolution


def superseded_share(packed: Made | PackedContext) -> float:
    """Return the share of superseded copies, by what the pack tells of itself."""
    source = packed.summary if isinstance(packed, Made) else packed
    old = sum(file.bytes for file in source.superseded)
    return old / max(1, old + sum(file.bytes for file in source.files))


class AnyHistory(RuleBasedStateMachine):
    """A folder and its cache; every pack is compared with the folder.

    Each text has a size of its own, so that a change shows within one tick of the file system.
    """

    layout = "path"

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.folder = Path(self.home.name) / "files"
        self.folder.mkdir()
        self.cache = ContextCache(Path(self.home.name) / "cache", 10 << 20)
        self.request = PackRequest(
            scope_of(self.folder),
            file_patterns=("[a-c]*",),
            layout=self.layout,
            receiver="someone",
        )
        self.now = time.time() + LATER
        self.before: PackedContext | None = None
        self.used = 0.0
        for name in ("bb", "zz"):  # nothing ever changes these, so that little is superseded
            (self.folder / name).write_text(f"{name}\n" * 1000)

    def teardown(self) -> None:
        self.cache.close()
        self.home.cleanup()

    @rule(name=NAMES, text=TEXTS)
    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    @rule(name=NAMES)
    def make_binary(self, name: str) -> None:
        (self.folder / name).write_bytes(b"\0" * 77)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    @rule(name=NAMES, other=NAMES)
    def rename(self, name: str, other: str) -> None:
        if (self.folder / name).exists():
            (self.folder / name).rename(self.folder / other)

    @rule(name=NAMES)
    def touch(self, name: str) -> None:
        if (self.folder / name).exists():
            (self.folder / name).touch()

    @property
    def forgotten(self) -> bool:
        return self.now + LATER > self.used + TTL_SECONDS

    @rule()
    def expire(self) -> None:
        self.now += TTL_SECONDS + 1

    @rule()
    def wait(self) -> None:
        """Once, and the order is known; twice, and the session has expired."""
        self.now += TTL_SECONDS * 0.6

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.used = 0.0

    @rule(text=st.sampled_from([None, "a diff\n", "another one\n"]))
    def ask_with(self, text: str | None) -> None:
        self.request = replace(self.request, text=text)

    @rule()
    def pack(self) -> None:
        forgotten = self.forgotten
        packed = self._packed(self.cache)
        self._check(packed, forgotten=forgotten)
        tell_sent(self.cache, packed, self.now)
        self.before = packed if packed.content else None
        self.used = self.now if packed.content else 0.0

    @precondition(lambda self: self.before is not None and not self.forgotten)
    @rule()
    def pack_twice(self) -> None:
        self.pack()
        if self.before is not None:
            again = self._packed(self.cache)
            assert again.content == self.before.content
            assert (again.hit, again.cuts, again.marks) == (
                True,
                self.before.cuts,
                self.before.marks,
            )

    @invariant()
    def the_cache_never_complains(self) -> None:
        assert self.cache.warnings == []

    def _packed(self, cache: ContextCache | None) -> PackedContext:
        self.now += LATER
        return pack_found(found_in(self.folder), self.request, open_file, cache, now=self.now)

    def _texts(self) -> dict[str, bytes]:
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        texts = {name: data for name, data in files.items() if b"\0" not in data}
        asked = {} if self.request.text is None else {"<text>": self.request.text.encode()}
        return {**texts, **asked}

    def _check(self, packed: PackedContext, *, forgotten: bool) -> None:
        assert understood(packed.content) == self._texts()
        assert superseded_share(packed) <= MAX_SUPERSEDED
        if forgotten:
            assert packed.content == self._packed(None).content
            assert packed.first_difference is None
        elif self.before is not None:
            same = packed.first_difference
            assert same is not None
            assert packed.content[:same] == self.before.content[:same]
            assert same >= self._kept_at_least(packed)

    def _kept_at_least(self, packed: PackedContext) -> int:
        """Return how much of the pack before has to stand unchanged at the beginning."""
        assert self.before is not None
        left_out = {item.path for item in packed.skipped}
        dropped = [f.offset - len(GAP) for f in self._copies() if f.path in left_out]
        copies = [f for f in self._copies() if f.path not in left_out]
        before = {f.path: (f, self.before.content[f.offset :][: f.bytes]) for f in copies}
        now = [f for f in packed.files if f.offset < packed.prefix_bytes]
        same = {
            f.path
            for f in now
            if before.get(f.path, (f, b""))[1] == packed.content[f.offset :][: f.bytes]
        }
        kept = sum(f.bytes for f in now if f.path in same)
        old = sum(f.bytes for f in copies)
        whole = old + sum(f.bytes for f in now) - kept
        if self.layout == "overlay" and old - kept <= MAX_SUPERSEDED * whole:
            return min([*dropped, max((f.offset + f.bytes for f in self._copies()), default=0)])
        last = [before[path][0] for path in same]
        gone = [f.offset - len(GAP) for f in self._copies() if f not in last]
        end = max((f.offset + f.bytes for f in self._copies()), default=0)
        return 0 if self.layout == "path" else min([*gone, end])

    def _copies(self) -> list[PackedFile]:
        """Return the copies in the cached prefix of the pack before, in order."""
        assert self.before is not None
        both = (*self.before.files, *self.before.superseded)
        inside = [file for file in both if file.offset < self.before.prefix_bytes]
        return sorted(inside, key=lambda file: file.offset)


class AnyHistoryStable(AnyHistory):
    layout = "stable"


class AnyHistoryOverlay(AnyHistory):
    layout = "overlay"


def limited(machine: type[AnyHistory]) -> type[TestCase]:
    """Return the test of *machine*, of modest length."""
    case: type[TestCase] = machine.TestCase
    case.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)  # type: ignore[attr-defined]
    return case


TestPath = limited(AnyHistory)
TestStable = limited(AnyHistoryStable)
TestOverlay = limited(AnyHistoryOverlay)


SAME_SIZE = st.sampled_from(["one\n", "two\n"])
FOLDERS = st.dictionaries(st.sampled_from("abcdefgh"), TEXTS | SAME_SIZE, max_size=8)


@pytest.mark.parametrize("layout", ["path", "stable", "overlay"])
@given(steps=st.lists(FOLDERS, min_size=1, max_size=10), room=st.none() | st.integers(1, 4000))
def test_any_sequence_of_folders(
    layout: str, steps: list[Mapping[str, str]], room: int | None
) -> None:
    history, twin = (History(layout, room_bytes=room) for _ in range(2))
    for files in steps:
        before = history.earlier
        made = history.pack(files)
        assert made.content == twin.pack(files).content
        assert understood(made.content) == {path: text.encode() for path, text in files.items()}
        assert superseded_share(made) <= MAX_SUPERSEDED
        if made.summary.superseded:
            assert layout == "overlay"
            assert room is None or len(made.content) <= room
        if before and files and layout != "path":
            assert made.content.startswith(before.content[: must_stay(before, made)])


def must_stay(before: Earlier, made: Made) -> int:
    """Return up to where the copies of the pack before have to stand unchanged."""
    end = max((copy.offset + copy.length for copy in before.copies), default=0)
    if made.summary.superseded:  # thus none was dropped
        return end
    now = {f.path: made.content[f.offset :][: f.bytes] for f in made.summary.files}
    last = {copy.path: copy for copy in before.copies}
    kept = {copy for path, copy in last.items() if now.get(path) == before.data(copy)}
    others = [copy.offset - len(GAP) for copy in before.copies if copy not in kept]
    return min([*others, end])
