"""A cache that is foreign, broken, full, read-only or hostile: refused, or done without."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ccw.context.cache import ContextCache, Status
from ccw.context.cache_folder import MARKER, MARKER_TEXT
from ccw.context.disk import NoPickleDisk
from ccw.errors import CacheFolderRefused
from tests.context.caches import keep, manifest_of, run_python

MB = 1 << 20
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="has to become another user")


def assert_works_without(cache: ContextCache, reason: str) -> None:
    """Every operation answers as an empty cache would, and one warning says why."""
    now = time.time()
    assert not cache.keep("key", manifest_of(b"x", now), b"x")
    assert cache.lookup("key", now) is None
    assert cache.content("ctx-000000000000", now) is None
    assert cache.sessions(now) == ()
    assert cache.status(now) == Status(max_bytes=MB)
    (warning,) = cache.warnings
    assert warning == (
        f"context cache {cache.folder} cannot be used ({reason}), continued without it; "
        "`ccw cache clear` makes it new"
    )


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
    for action in (
        lambda cache: cache.keep("key", manifest_of(b"x", now), b"x"),
        lambda cache: cache.lookup("key", now),
        lambda cache: cache.clear(),
        lambda cache: cache.cleanup(now),
    ):
        with pytest.raises(CacheFolderRefused, match="cacheDir"):
            action(ContextCache(folder, MB))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert folder.stat().st_mode == mode


@as_root
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(CacheFolderRefused, match="another user"):
        ContextCache(folder, MB).keep("key", manifest_of(b"x", time.time()), b"x")


@pytest.mark.parametrize("name", ["cache.db", "cache.db-wal"])
def test_a_database_that_is_a_link_is_refused(tmp_path: Path, name: str) -> None:
    """A project can bring such a folder along; the link's target is not ours to write."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / MARKER).write_bytes(MARKER_TEXT)
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    (folder / name).symlink_to(victim)
    with pytest.raises(CacheFolderRefused, match="not a regular file"):
        ContextCache(folder, MB).keep("key", manifest_of(b"x", time.time()), b"x")
    assert victim.read_bytes() == b""


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert_works_without(ContextCache(tmp_path / "cache", MB), "Not a directory")
    assert (tmp_path / "cache").read_text() == "a file"


READ_ONLY = """
import os, sys, time
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from ccw.context.cache import ContextCache
import ccw.context.disk, diskcache
from tests.context.caches import manifest_of
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
cache = ContextCache(Path(sys.argv[1]), 1 << 20)
kept = cache.keep("key", manifest_of(b"x", time.time()), b"x")
print(kept, cache.lookup("key", time.time()), cache.clear())
print(*cache.warnings, sep="\\n")
"""


def test_a_parent_that_cannot_be_written(tmp_path: Path) -> None:
    parent = Path("/proc")  # refuses new folders to every user
    result = run_python(READ_ONLY, str(parent / "ccw-cache"))
    assert result.stderr == ""
    first, warning = result.stdout.splitlines()
    assert first == "False None 0"
    assert warning.startswith("context cache /proc/ccw-cache cannot be used (")


@as_root
def test_a_read_only_cache(tmp_path: Path) -> None:
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    cache = ContextCache(tmp_path / "cache", MB)
    keep(cache, "key", b"x", time.time())
    cache.close()
    for path in [cache.folder, *cache.folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o500 if path.is_dir() else 0o400)
    result = run_python(READ_ONLY, str(cache.folder))
    assert result.stderr == ""
    first, *warnings = result.stdout.splitlines()
    assert first == "False None 0"
    assert "cannot be used (" in warnings[0]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"garbage" * 5000), id="garbage"),
        pytest.param(lambda path: os.truncate(path, 5000), id="truncated"),
        pytest.param(
            lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 40_000),
            id="pages-overwritten",
        ),
    ],
)
def test_a_corrupt_database_is_told_and_clear_makes_it_new(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    now = time.time()
    cache = ContextCache(tmp_path / "cache", MB)
    keep(cache, "key", b"x" * 100_000, now)
    cache.close()
    damage(cache.folder / "cache.db")
    broken = ContextCache(cache.folder, MB)
    assert broken.lookup("key", now) is None
    assert not broken.keep("other", manifest_of(b"y", now), b"y")
    (warning,) = broken.warnings
    assert warning.startswith(f"context cache {cache.folder} cannot be used (")
    again = ContextCache(cache.folder, MB)
    again.clear()
    assert again.warnings == []
    keep(again, "key", b"y", now)
    again.close()


def test_a_changed_value_file_is_a_miss(tmp_path: Path) -> None:
    now = time.time()
    cache = ContextCache(tmp_path / "cache", MB)
    session = keep(cache, "key", b"x" * 100_000, now)
    (value,) = cache.folder.glob("??/*.val")
    value.write_bytes(b"y" * 100_000)
    assert cache.content(session, now) is None
    assert cache.lookup("key", now) is None
    value.unlink()
    assert cache.lookup("key", now) is None
    keep(cache, "key", b"x" * 100_000, now)
    assert cache.lookup("key", now)
    cache.close()


FULL = """
import resource, sys, time
from pathlib import Path
from ccw.context.cache import ContextCache
from tests.context.caches import keep, manifest_of
cache = ContextCache(Path(sys.argv[1]), 10 << 20)
session = keep(cache, "first", b"a" * 100_000, time.time())
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
big = b"b" * 1_000_000
print(cache.keep("big", manifest_of(big, time.time()), big))
print(*cache.warnings, sep="\\n")
later = ContextCache(Path(sys.argv[1]), 10 << 20)
print(later.content(session, time.time()) == b"a" * 100_000)
"""


def test_a_full_disk(tmp_path: Path) -> None:
    """A limit on file sizes fails like a full disk: in the middle of a write."""
    result = run_python(FULL, str(tmp_path / "cache"))
    assert result.stderr == ""
    first, warning, last = result.stdout.splitlines()
    assert (first, last) == ("False", "True")
    assert "cannot be used (File too large), continued without it" in warning
    assert len(list((tmp_path / "cache").glob("??/*.val"))) == 1


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("where", ["value", "value-file", "key"])
def test_a_planted_pickle_is_never_loaded(tmp_path: Path, where: str) -> None:
    now = time.time()
    cache = ContextCache(tmp_path / "cache", MB)
    session = keep(cache, "key", b"x" * 100_000, now)
    cache.close()
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))
    with sqlite3.connect(cache.folder / "cache.db") as database:
        if where == "value":
            database.execute("UPDATE Cache SET mode = 4, filename = NULL, value = ?", (bomb,))
        elif where == "value-file":
            database.execute("UPDATE Cache SET mode = 4 WHERE filename IS NOT NULL")
            (value,) = cache.folder.glob("??/*.val")
            value.write_bytes(bomb)
        else:
            database.execute(
                "INSERT INTO Cache (key, raw, value, mode) VALUES (?, 0, 1, 1)", (bomb,)
            )
    database.close()
    for action in (
        lambda: cache.lookup("key", now),
        lambda: cache.content(session, now),
        lambda: cache.sessions(now),
        lambda: cache.status(now),
        lambda: cache.cleanup(now),
        lambda: cache.release(session),
        lambda: cache.keep("key", manifest_of(b"x", now), b"x"),
        lambda: cache.clear(),
    ):
        action()
    assert not (tmp_path / "exploded").exists()
    assert cache.warnings == []
    cache.close()


def test_a_planted_pickle_is_a_miss_and_goes(tmp_path: Path) -> None:
    now = time.time()
    cache = ContextCache(tmp_path / "cache", MB)
    keep(cache, "key", b"x", now)
    cache.close()
    with sqlite3.connect(cache.folder / "cache.db") as database:
        database.execute("UPDATE Cache SET mode = 4 WHERE key LIKE 'm:%'")
    database.close()
    assert cache.lookup("key", now) is None
    cache.close()
    with sqlite3.connect(cache.folder / "cache.db") as database:
        assert database.execute("SELECT key FROM Cache WHERE mode = 4").fetchall() == []
    database.close()


@pytest.mark.parametrize("value", [None, ["a"], {"a": 1}, True, 2**70, bytearray(b"x"), object()])
def test_only_plain_values_are_stored(tmp_path: Path, value: object) -> None:
    with pytest.raises(TypeError):
        NoPickleDisk(str(tmp_path)).store(value, False)


@pytest.mark.parametrize("key", [None, ("a",), 1, b"x"])
def test_only_text_is_a_key(tmp_path: Path, key: object) -> None:
    with pytest.raises(TypeError):
        NoPickleDisk(str(tmp_path)).put(key)


@pytest.mark.parametrize("name", ["../../victim", "victim", "ab/../../victim", "/victim"])
def test_a_planted_path_reads_and_removes_nothing_outside(tmp_path: Path, name: str) -> None:
    now = time.time()
    cache = ContextCache(tmp_path / "a" / "cache", MB)
    session = keep(cache, "key", b"x" * 100_000, now)
    cache.close()
    victim = tmp_path / "victim"
    victim.write_bytes(b"x" * 100_000)
    name = name if name != "/victim" else str(victim)
    with sqlite3.connect(cache.folder / "cache.db") as database:
        database.execute("UPDATE Cache SET filename = ? WHERE filename IS NOT NULL", (name,))
    database.close()
    assert cache.content(session, now) is None
    assert cache.lookup("key", now) is None
    cache.clear()
    cache.close()
    assert victim.read_bytes() == b"x" * 100_000


def test_the_folder_removed_under_an_open_cache(tmp_path: Path) -> None:
    """Nothing may be made anew there without the marker, or the next call would refuse it."""
    now = time.time()
    cache = ContextCache(tmp_path / "cache", MB)
    keep(cache, "key", b"x" * 100_000, now)
    shutil.rmtree(cache.folder)
    cache.lookup("key", now)
    cache.keep("key", manifest_of(b"y" * 100_000, now), b"y" * 100_000)
    cache.close()
    assert not cache.folder.exists() or (cache.folder / MARKER).exists()
    keep(ContextCache(tmp_path / "cache", MB), "key", b"x", now)


HAMMER = """
import random, sys, time
from pathlib import Path
from ccw.context.cache import ContextCache
from tests.context.caches import manifest_of
folder, seed, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
chance = random.Random(seed)
end = time.time() + seconds
warnings, hits, kept = [], 0, 0
while time.time() < end:
    cache = ContextCache(folder, 1 << 20, str(seed))
    for _ in range(20):
        now, name = time.time(), chance.randrange(12)
        content = str(name).encode() * (30_000 + name * 5_000)
        found = cache.lookup(str(name), now)
        if found:
            assert found.content == content
            hits += 1
        else:
            kept += cache.keep(str(name), manifest_of(content, now), content)
        cache.count(hit=found is not None)
        if chance.random() < 0.02:
            cache.clear()
        if chance.random() < 0.02:
            cache.cleanup(now)
    warnings += cache.warnings
    cache.close()
print(len(warnings), hits > 0, kept > 0, *set(warnings))
"""


def test_many_processes_pack_and_clear_one_cache(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(lambda seed: run_python(HAMMER, str(tmp_path / "c"), str(seed), "3"), range(4))
        )
    assert [(r.stdout.strip(), r.stderr) for r in results] == [("0 True True", "")] * 4
    with sqlite3.connect(tmp_path / "c" / "cache.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
