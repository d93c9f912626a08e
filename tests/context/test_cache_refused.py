"""A cache folder that is not ours is refused and left alone."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.context.cache.folder import MARKER, MARKER_TEXT
from ccw.context.cache.store import ContextCache
from ccw.errors import CacheFolderRefused
from tests.context.caches import manifest_of

MB = 1 << 20
NOBODY = 65534
CHOOSE = "set cacheDir (globalCacheSettings) to an empty folder or one that does not exist yet"
OTHER_THINGS = f"move what is not ccw's away, or {CHOOSE}"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="has to become another user")


def filled_with_files(folder: Path) -> None:
    (folder / "thesis.doc").write_text("years of work")


def holding_a_hidden_file(folder: Path) -> None:
    (folder / ".profile").write_text("x")


def another_tools_cache(folder: Path) -> None:
    (folder / MARKER).write_bytes(MARKER_TEXT[:43] + b"\n# made by another tool\n")


def a_diskcache_of_another_program(folder: Path) -> None:
    sqlite3.connect(folder / "cache.db").close()
    (folder / "cache.db").write_bytes(b"")


@pytest.mark.parametrize(
    "prepare",
    [
        filled_with_files,
        holding_a_hidden_file,
        another_tools_cache,
        a_diskcache_of_another_program,
    ],
)
def test_a_folder_of_other_things_is_refused_and_left_alone(
    tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(0o755)
    prepare(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    mode = folder.stat().st_mode
    now = time.time()
    for action, otherwise in (
        (lambda cache: cache.keep("key", manifest_of(b"x", now), b"x"), False),
        (lambda cache: cache.lookup("key", now), None),
        (lambda cache: cache.clear(), 0),
        (lambda cache: cache.cleanup(now), 0),
    ):
        cache = ContextCache(folder, MB)
        assert action(cache) == otherwise
        (warning,) = cache.warnings
        (name,) = before
        assert warning == (
            f"context cache {folder} cannot be used (it holds other things, such as {name.name}), "
            f"continued without it; {OTHER_THINGS}"
        )
        with pytest.raises(CacheFolderRefused) as caught:
            cache.require_usable()
        assert str(caught.value) == (
            f"context cache {folder} cannot be used (it holds other things, such as {name.name}); "
            f"{OTHER_THINGS}"
        )
        assert cache.warnings == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert folder.stat().st_mode == mode


@as_root
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    cache = ContextCache(folder, MB)
    assert not cache.keep("key", manifest_of(b"x", time.time()), b"x")
    with pytest.raises(CacheFolderRefused) as caught:
        cache.require_usable()
    assert str(caught.value) == (
        f"context cache {folder} cannot be used (it belongs to another user); {CHOOSE}"
    )
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["cache.db", "cache.db-wal"])
def test_a_database_that_is_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    """A project can bring such a folder along; the link's target is not ours to write."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / MARKER).write_bytes(MARKER_TEXT)
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    (folder / name).symlink_to(victim)
    cache = ContextCache(folder, MB)
    assert not cache.keep("key", manifest_of(b"x", time.time()), b"x")
    (warning,) = cache.warnings
    assert f"({name} is not a regular file), continued without it" in warning
    assert cache.clear() == 0
    assert os.listdir(folder) == [MARKER]
    assert victim.read_bytes() == b""
