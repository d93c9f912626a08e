"""The context cache as programs use it: `ccw.context_cache`, with a project folder first."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

import ccw
from ccw import context_cache
from ccw.config.models import CacheStrategy
from ccw.context.cache.results import ReadResult, SessionStatus
from ccw.context.scope import Skipped
from ccw.errors import CacheFolderRefused, CacheUnusable, ContextTooLarge, NotFound, UsageError
from tests.context.packs import ReadFile, read_pack


@pytest.fixture
def files(project: Path) -> Path:
    (project / "a.py").write_text("print('a')\n")
    (project / "b.bin").write_bytes(b"\0")
    (project / "é.md").write_text("naïve 你好 👍\n")
    return project


def settings(project: Path, **values: object) -> None:
    path = project / ".ccw" / "storage" / "config" / "litellm-api-config.json"
    path.write_text(json.dumps({"version": 1, "globalCacheSettings": values}))


def everything(project: Path, session_id: str, limit: int = 65536) -> bytes:
    """Read a session as a client does: piece by piece."""
    pieces, offset = [], 0
    while True:
        piece = context_cache.read(project, session_id, offset, limit)
        assert piece.offset == offset
        pieces.append(piece.content.encode())
        if not piece.has_more:
            assert piece.next_offset is None
            return b"".join(pieces)
        assert piece.next_offset
        offset = piece.next_offset


def test_pack_read_status_release(files: Path) -> None:
    now = time.time()
    packed = context_cache.pack(files, ["@*", "!a.py"], text="look\n", now=now)
    assert packed.session_id
    assert (packed.files_packed, packed.patterns_matched, packed.patterns_failed) == (1, 1, ())
    assert packed.files_skipped == (Skipped("b.bin", "binary"),)
    content = everything(files, packed.session_id)
    assert len(content) == packed.total_bytes
    assert read_pack(content)[0] == [
        ReadFile("é.md", "naïve 你好 👍\n".encode()),
        ReadFile("<text>", b"look\n"),
    ]
    status = context_cache.session(files, packed.session_id)
    assert status == SessionStatus(
        session_id=packed.session_id,
        project=str(files),
        patterns=("@*", "@!a.py"),
        files=("é.md",),
        total_bytes=packed.total_bytes,
        prefix_bytes=status.prefix_bytes,
        packed_at=status.packed_at,
        expires_at=packed.expires_at or "",
    )
    assert context_cache.sessions(files) == (status,)
    assert context_cache.release(files, packed.session_id)
    assert not context_cache.release(files, packed.session_id)
    with pytest.raises(NotFound, match=f"Session not found: {packed.session_id}"):
        context_cache.read(files, packed.session_id)
    with pytest.raises(NotFound):
        context_cache.session(files, packed.session_id)


def test_the_second_pack_is_a_hit_of_the_same_session(files: Path) -> None:
    first = context_cache.pack(files, "*.py")
    second = context_cache.pack(files, "*.py")
    assert replace(second, hit=False) == first
    totals = context_cache.status(files)
    assert (totals.hits, totals.misses, totals.entries) == (1, 1, 1)
    assert totals.total_bytes == first.total_bytes
    assert totals.cache_dir == str(Path(os.environ["HOME"]) / ".ccw" / "cache" / "context")
    assert totals.max_bytes == 100 * 1024 * 1024
    assert totals.oldest == totals.newest
    assert context_cache.clear(files) == 1
    assert context_cache.status(files).entries == 0


def test_it_is_exported(files: Path) -> None:
    assert ccw.context_cache.status(files) == context_cache.status(files)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 64, 1000])
def test_reading_never_splits_a_character(files: Path, limit: int) -> None:
    packed = context_cache.pack(files, text="aé你👍" * 20)
    assert packed.session_id
    content = everything(files, packed.session_id, limit)
    assert read_pack(content)[0] == [ReadFile("<text>", ("aé你👍" * 20).encode())]


def test_reading_at_odd_places(files: Path) -> None:
    packed = context_cache.pack(files, text="é")
    session, size = packed.session_id or "", packed.total_bytes
    inside = size - len("é\n```".encode()) + 1
    assert context_cache.read(files, session, inside, 2) == ReadResult(
        session, "é", inside - 1, True, inside + 1, size
    )
    end = ReadResult(session, "", size, False, None, size)
    assert context_cache.read(files, session, size) == end
    assert context_cache.read(files, session, size + 100) == end
    for offset, limit in ((-1, 5), (0, 0)):
        with pytest.raises(UsageError):
            context_cache.read(files, session, offset, limit)


def test_a_strategy_says_how_long_and_how_much(files: Path) -> None:
    strategy = CacheStrategy(ttl_minutes=1, max_size_kb=1)
    now = time.time()
    packed = context_cache.pack(files, "*.py", strategy=strategy, now=now)
    assert context_cache.sessions(files, now=now + 59)
    assert not context_cache.sessions(files, now=now + 61)
    (files / "big.py").write_text("x" * 2000)
    with pytest.raises(ContextTooLarge):
        context_cache.pack(files, "*.py", strategy=strategy)
    dropped = context_cache.pack(files, "*.py", strategy=strategy, over="drop")
    assert [item.path for item in dropped.files_skipped] == ["big.py"]
    assert context_cache.pack(files, "*.py", strategy=strategy, max_size_kb=10).files_packed == 2
    assert packed.files_packed == 1


@pytest.mark.parametrize(
    ("cache_dir", "expected"),
    [
        pytest.param("~/.ccw/cache/context", "CCW_HOME/cache/context", id="default"),
        pytest.param("~/elsewhere", "HOME/elsewhere", id="home"),
        pytest.param("cache", "project/cache", id="relative-to-the-project"),
        pytest.param("~/.ccwx", "HOME/.ccwx", id="a-name-that-begins-alike"),
    ],
)
def test_where_the_cache_is(project: Path, tmp_path: Path, cache_dir: str, expected: str) -> None:
    (project / "a.py").write_text("x\n")
    settings(project, cacheDir=cache_dir)
    environ = {"HOME": str(tmp_path / "HOME"), "CCW_HOME": str(tmp_path / "CCW_HOME")}
    environ["CCW_TRUST"] = "1"  # the home is no place for a project to write to unasked
    assert context_cache.pack(project, "a.py", environ=environ).session_id
    assert (tmp_path / expected / "cache.db").exists()
    assert context_cache.status(project, environ=environ).cache_dir == str(tmp_path / expected)


def test_switched_off_nothing_is_kept(files: Path) -> None:
    settings(files, enabled=False)
    packed = context_cache.pack(files, "*.py")
    assert (packed.session_id, packed.files_packed, packed.expires_at) == (None, 1, None)
    assert packed.warnings == (context_cache.SWITCHED_OFF,)
    assert not context_cache.status(files).enabled
    assert not (Path(os.environ["HOME"]) / ".ccw").exists()


def test_a_cache_that_cannot_be_used_is_a_warning(files: Path) -> None:
    (files / "file").write_text("")
    settings(files, cacheDir="file")
    packed = context_cache.pack(files, "*.py")
    assert (packed.session_id, packed.files_packed) == (None, 1)
    assert "cannot be used (Not a directory)" in packed.warnings[0]
    with pytest.warns(UserWarning, match="cannot be used"):
        assert context_cache.sessions(files) == ()
    told: list[str] = []
    with pytest.raises(CacheUnusable, match=r"cannot be used \(Not a directory\); set CCW_HOME"):
        context_cache.cleanup(files, warn=told.append)
    assert told == []


def test_a_cache_dir_full_of_other_things_is_left_alone(files: Path) -> None:
    settings(files, cacheDir=".")
    before = sorted(files.iterdir())
    packed = context_cache.pack(files, "*.py")
    assert (packed.session_id, packed.files_packed) == (None, 1)
    assert "it holds other things" in packed.warnings[0]
    with pytest.raises(CacheFolderRefused, match="holds other things"):
        context_cache.clear(files)
    assert sorted(files.iterdir()) == before


def test_nothing_to_pack(files: Path) -> None:
    with pytest.raises(UsageError, match="name what to pack"):
        context_cache.pack(files)
