"""The cache on disk: what it keeps, for how long, how much of it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.context.cache.disk import Store
from ccw.context.cache.entries import LARGE, Cached, Status
from ccw.context.cache.folder import MARKER, value_files
from ccw.context.cache.store import ContextCache
from tests.context.caches import keep, manifest_of

MB = 1 << 20


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ContextCache]:
    cache = ContextCache(tmp_path / "cache", MB, "project")
    yield cache
    cache.close()


@pytest.mark.parametrize("size", [0, 10, 100_000], ids=["empty", "in-the-database", "in-a-file"])
def test_what_was_kept_is_found(cache: ContextCache, size: int) -> None:
    now = time.time()
    content = b"x" * size
    session = keep(cache, "key", content, now)
    assert cache.lookup("key", now) == Cached("key", manifest_of(content, now), content)
    assert cache.content(session, now) == content
    assert cache.lookup("other", now) is None
    assert cache.content("ctx-000000000000", now) is None


@pytest.mark.parametrize("size", [100_000, LARGE + 1], ids=["small", "digested-beside"])
def test_a_content_that_is_not_what_was_kept_is_a_miss(tmp_path: Path, size: int) -> None:
    now, content = time.time(), b"x" * size
    cache = ContextCache(tmp_path / "cache", 4 * MB)
    keep(cache, "key", content, now)
    assert cache.lookup("key", now) == Cached("key", manifest_of(content, now), content)
    (name,) = value_files(cache.folder)
    file = cache.folder / name
    file.write_bytes(content[:-1] + b"y")
    assert cache.lookup("key", now) is None
    file.write_bytes(content)
    assert cache.lookup("key", now) is None  # what did not hold together is thrown out
    cache.close()
    assert cache.warnings == []


def test_reading_creates_nothing(cache: ContextCache) -> None:
    now = time.time()
    assert cache.lookup("key", now) is None
    assert cache.status(now) == Status(max_bytes=MB)
    assert cache.sessions(now) == ()
    assert (cache.cleanup(now), cache.clear(), cache.release("ctx-1")) == (0, 0, False)
    cache.count(hit=True)
    assert not cache.folder.exists()
    assert cache.warnings == []


def test_everything_is_private(tmp_path: Path) -> None:
    """Also under a umask of 0, and in a folder that existed with other rights."""
    folder = tmp_path / "new" / "cache"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    before = os.umask(0)
    try:
        cache = ContextCache(folder, MB)
        keep(cache, "key", b"x" * 100_000, time.time())
        modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}
        cache.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert {"cache.db", "cache.db-wal", MARKER} <= {path.name for path in modes}


def test_new_parents_are_private(tmp_path: Path) -> None:
    cache = ContextCache(tmp_path / "a" / "b", MB)
    keep(cache, "key", b"x", time.time())
    cache.close()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_an_entry_expires(cache: ContextCache) -> None:
    now = time.time()
    session = keep(cache, "key", b"x", now, seconds=60)
    assert cache.lookup("key", now + 59) is not None
    assert cache.lookup("key", now + 61) is None
    assert cache.content(session, now + 61) is None
    assert cache.sessions(now + 61) == ()


def test_diskcache_forgets_it_too(cache: ContextCache) -> None:
    session = keep(cache, "key", b"x" * 100_000, time.time(), seconds=0.5)
    time.sleep(0.6)
    assert cache.content(session, 0) is None
    assert cache.cleanup(time.time()) == 1
    assert list(value_files(cache.folder)) == []


def test_cleanup_keeps_what_is_alive(cache: ContextCache) -> None:
    now = time.time()
    keep(cache, "old", b"old", now, seconds=60)
    session = keep(cache, "new", b"new", now, seconds=600)
    assert cache.cleanup(now + 100) == 1
    assert [m.session_id for m in cache.sessions(now + 100)] == [session]


def test_the_least_recently_used_is_thrown_out(cache: ContextCache) -> None:
    now = time.time()
    contents = {name: name.encode() * 300_000 for name in "abcd"}
    for name in "abc":
        keep(cache, name, contents[name], now)
        time.sleep(0.002)
    assert cache.lookup("a", now)
    keep(cache, "d", contents["d"], now)
    found = {name for name in "abcd" if cache.lookup(name, now)}
    assert found == {"a", "c", "d"}
    assert disk_use(cache.folder) <= MB + 200_000


def test_the_bound_holds_over_many_packs(cache: ContextCache) -> None:
    now = time.time()
    for number in range(30):
        keep(cache, str(number), number.to_bytes(1, "big") * 150_000, now)
    values = sum((cache.folder / name).stat().st_size for name in value_files(cache.folder))
    assert 500_000 < values <= MB
    assert cache.status(now).entries == values // 150_000


def test_more_than_the_whole_cache_is_told_and_not_kept(cache: ContextCache) -> None:
    content = b"x" * (MB + 1)
    assert not cache.keep("key", manifest_of(content, time.time()), content)
    (warning,) = cache.warnings
    assert warning == (
        "the packed context (1,048,577 bytes) is larger than the whole cache and was not kept; "
        "raise maxTotalSizeMB"
    )


def test_the_largest_bound_of_the_projects_counts(tmp_path: Path) -> None:
    now = time.time()

    def bound(project: str, size: int) -> int:
        cache = ContextCache(tmp_path / "cache", size, project)
        keep(cache, f"{project} {size}", b"x", now)
        result = cache.status(now).max_bytes
        cache.close()
        return result

    assert bound("small", MB) == MB
    assert bound("large", 3 * MB) == 3 * MB
    assert bound("small", MB) == 3 * MB
    assert bound("large", 2 * MB) == 2 * MB
    assert bound("small", MB) == 2 * MB


def test_a_project_that_does_not_come_any_more_has_no_say_in_the_bound(tmp_path: Path) -> None:
    store = Store(str(tmp_path), 1.0)
    store.keep_bound("large", 3 * MB, 20_000)
    store.keep_bound("small", MB, 20_029)
    assert (store.largest_bound(), store.size_limit) == (3 * MB, 3 * MB)
    store.keep_bound("small", MB, 20_030)
    assert (store.largest_bound(), store.size_limit) == (MB, MB)
    store.close()


def test_release_and_clear(cache: ContextCache) -> None:
    now = time.time()
    first = keep(cache, "a", b"a" * 100_000, now)
    second = keep(cache, "b", b"b" * 100_000, now)
    cache.count(hit=True)
    assert cache.release(first)
    assert cache.content(first, now) is None
    assert [m.session_id for m in cache.sessions(now)] == [second]
    assert cache.clear() == 1
    assert cache.status(now) == Status(max_bytes=MB)
    assert list(value_files(cache.folder)) == []


def test_status(cache: ContextCache) -> None:
    now = time.time()
    keep(cache, "a", b"a" * 100, now)
    keep(cache, "b", b"b" * 200, now + 5)
    cache.count(hit=True)
    cache.count(hit=True)
    cache.count(hit=False)
    expected = Status(2, 300, MB, hits=2, misses=1, oldest=now, newest=now + 5)
    assert cache.status(now + 6) == expected


def test_opening_an_existing_cache_writes_nothing(cache: ContextCache) -> None:
    keep(cache, "a", b"a", time.time())
    cache.close()
    before = snapshot(cache.folder)
    for _ in range(3):
        Store(str(cache.folder), 1.0).close()
    assert snapshot(cache.folder) == before


def test_an_opened_existing_cache_is_set_up_like_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    made = Store(str(tmp_path / "cache"), 1.0)
    made.close()
    opened = Store(str(tmp_path / "cache"), 1.0)
    private = {"_local", "_disk", "_txn_id"}
    assert {k: v for k, v in vars(opened).items() if k not in private} == {
        k: v for k, v in vars(made).items() if k not in private
    }
    assert vars(opened.disk) == vars(made.disk)
    opened.close()


def test_orphans_of_killed_processes_are_removed_when_old(cache: ContextCache) -> None:
    now = time.time()
    keep(cache, "a", b"a" * 100_000, now)
    (kept,) = value_files(cache.folder)
    for name, age in (("00/" + "1" * 30 + ".val", 7200), ("00/" + "2" * 30 + ".val", 60)):
        path = cache.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (now - age, now - age))
    cache.cleanup(now)
    assert sorted(value_files(cache.folder)) == sorted([kept, "00/" + "2" * 30 + ".val"])


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
        if path.is_file()
    }


def disk_use(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
