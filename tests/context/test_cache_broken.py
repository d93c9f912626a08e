"""A cache that is broken, full, read-only or removed is told and done without."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.context.cache.entries import Status
from ccw.context.cache.folder import MARKER
from ccw.context.cache.store import ContextCache
from tests.context.caches import keep, manifest_of, run_python

MB = 1 << 20

NOBODY = 65534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="has to become another user")

NEW = "`ccw cache clear` makes it new"
ELSEWHERE = "set CCW_HOME, or globalCacheSettings.cacheDir, to a folder that can be written"


def assert_works_without(cache: ContextCache, reason: str, remedy: str = NEW) -> None:
    """Every operation answers as an empty cache would, and one warning says why."""
    now = time.time()
    assert not cache.keep("key", manifest_of(b"x", now), b"x")
    assert cache.lookup("key", now) is None
    assert cache.content("ctx-000000000000", now) is None
    assert cache.sessions(now) == ()
    assert cache.status(now) == Status(max_bytes=MB)
    (warning,) = cache.warnings
    assert warning == (
        f"context cache {cache.folder} cannot be used ({reason}), continued without it; {remedy}"
    )


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert_works_without(ContextCache(tmp_path / "cache", MB), "Not a directory", ELSEWHERE)
    assert (tmp_path / "cache").read_text() == "a file"


READ_ONLY = """
import os, sys, time
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from ccw.context.cache.store import ContextCache
import ccw.context.cache.disk, ccw.context.cache.trouble, diskcache
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
    (told,) = again.warnings
    assert told.startswith(f"context cache {cache.folder} was broken (")
    again.warnings.clear()
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
from ccw.context.cache.store import ContextCache
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
