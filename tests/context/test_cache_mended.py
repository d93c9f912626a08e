"""A cache folder that lost what marks it is taken up again; what cannot be done to it is said."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccw.context.cache.folder import MARKER, MARKER_TEXT
from ccw.context.cache.store import ContextCache
from ccw.errors import CacheFolderRefused, CacheUnusable
from tests.context.caches import keep, manifest_of

MB = 1 << 20
SMALL, LARGE = b"x", b"x" * 100_000  # in the database, and in a file of its own


def made(folder: Path, content: bytes) -> str:
    """Make a cache that keeps *content*, and return its session id."""
    cache = ContextCache(folder, MB)
    session = keep(cache, "key", content, time.time())
    cache.close()
    return session


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[ContextCache]:
    cache = ContextCache(folder, MB)
    yield cache
    cache.close()


def lost(tag: Path) -> None:
    tag.unlink()


def overwritten(tag: Path) -> None:
    tag.write_bytes(b"garbage")


def a_link(tag: Path) -> None:
    tag.unlink()
    tag.symlink_to("cache.db")


def an_empty_folder(tag: Path) -> None:
    tag.unlink()
    tag.mkdir()


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["in-the-database", "in-a-file"])
@pytest.mark.parametrize("damage", [lost, overwritten, a_link, an_empty_folder])
def test_a_tag_that_is_gone_is_written_again(
    tmp_path: Path, damage: Callable[[Path], None], content: bytes
) -> None:
    session = made(tmp_path / "cache", content)
    damage(tmp_path / "cache" / MARKER)
    with opened(tmp_path / "cache") as cache:
        assert cache.content(session, time.time()) == content
        assert cache.warnings == []
    assert (tmp_path / "cache" / MARKER).read_bytes() == MARKER_TEXT


def test_values_alone_show_whose_folder_it_is(tmp_path: Path) -> None:
    made(tmp_path / "cache", LARGE)
    for path in tmp_path.glob("cache/*"):
        if path.is_file():
            path.unlink()
    made(tmp_path / "cache", LARGE)


def with_a_letter_beside(folder: Path) -> None:
    (folder / "letter.txt").write_text("dear all")


def with_a_letter_among_the_values(folder: Path) -> None:
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / "letter.txt").write_text("dear all")


def another_programs_database(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "cache.db")) as database:
        database.execute("CREATE TABLE Settings (key TEXT, value)")
        database.commit()


@pytest.mark.parametrize(
    ("change", "example"),
    [
        (with_a_letter_beside, "letter.txt"),
        (with_a_letter_among_the_values, "the folder ab/"),
        (another_programs_database, "cache.db"),
    ],
)
def test_without_a_tag_anything_else_in_it_is_refused(
    tmp_path: Path, change: Callable[[Path], None], example: str
) -> None:
    folder = tmp_path / "cache"
    made(folder, SMALL)
    (folder / MARKER).unlink()
    change(folder)
    names = sorted(os.listdir(folder))
    with opened(folder) as cache:
        assert cache.clear() == 0
        with pytest.raises(CacheFolderRefused) as caught:
            cache.require_usable()
    assert f"(it holds other things, such as {example}); move what" in str(caught.value)
    assert sorted(os.listdir(folder)) == names


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


@pytest.mark.parametrize("damage", [a_folder, garbage])
def test_a_broken_database_is_done_without_and_made_new(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = tmp_path / "cache"
    made(folder, LARGE)
    damage(folder / "cache.db")
    with opened(folder) as cache:
        assert not cache.keep("key", manifest_of(SMALL, time.time()), SMALL)
        (warning,) = cache.warnings
        assert "continued without it; `ccw cache clear` makes it new" in warning
    with opened(folder) as cache:
        assert cache.clear() == 0
        (warning,) = cache.warnings
        assert warning.startswith(f"context cache {folder} was broken (")
        assert warning.endswith("all that it held is gone, and it is made new when it is next used")
    assert os.listdir(folder) == [MARKER]
    made(folder, SMALL)


def test_what_clear_may_not_remove_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    made(folder, SMALL)
    a_folder(folder / "cache.db")
    (folder / "cache.db" / "letter.txt").write_text("dear all")
    with opened(folder) as cache:
        cache.clear()
        with pytest.raises(CacheUnusable) as caught:
            cache.require_usable()
        assert cache.warnings == []
    assert str(caught.value) == (
        f"context cache {folder} cannot be used ({folder}/cache.db cannot be removed: "
        "Directory not empty); delete it by hand"
    )
    assert (folder / "cache.db" / "letter.txt").exists()


def test_a_cache_that_another_process_locks_is_not_taken_for_broken(tmp_path: Path) -> None:
    session = made(tmp_path / "cache", SMALL)
    with contextlib.closing(sqlite3.connect(tmp_path / "cache" / "cache.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache = ContextCache(tmp_path / "cache", MB, patience=0.01)
        assert cache.clear() == 0
        with pytest.raises(CacheUnusable, match=r"locked.*; try again when the other process"):
            cache.require_usable()
    with opened(tmp_path / "cache") as cache:
        assert cache.content(session, time.time()) == SMALL
