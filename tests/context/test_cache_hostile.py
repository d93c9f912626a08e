"""What somebody planted in a cache is neither loaded nor followed."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import time
from pathlib import Path

import pytest

from ccw.context.cache.disk import NoPickleDisk
from ccw.context.cache.manifest import from_json
from ccw.context.cache.store import ContextCache
from tests.context.caches import keep, manifest_of

MB = 1 << 20


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


def planted(**fields: object) -> bytes:
    """Return the manifest of `x` with other *fields*."""
    manifest = json.loads(manifest_of(b"x", time.time()).to_json())
    return json.dumps({**manifest, **fields}).encode()


def test_the_manifest_that_is_planted_below_would_do() -> None:
    assert from_json(planted())


def test_a_manifest_of_an_earlier_version_still_holds() -> None:
    """It also told where an overlay's appended copies begin."""
    fields = json.loads(planted())
    old, new = (json.dumps(made).encode() for made in ({**fields, "base_bytes": 7}, fields))
    assert from_json(old) == from_json(new) is not None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"entries": [], "patterns": []}',
        "text",
        5,
        json.dumps(
            {
                **dict.fromkeys(("session_id", "digest", "project"), 7),
                **dict.fromkeys(("packed_at", "expires_at"), "x"),
                **dict.fromkeys(("total_bytes", "prefix_bytes")),
                "patterns": [1],
                "cuts": ["x"],
                "marks": [None],
                "entries": [],
                "superseded": [["a", "b", "c"]],
            }
        ).encode(),
        planted(superseded=[["a"]]),
        planted(superseded=[["a", "0", 1]]),
        planted(cuts=["1"]),
        planted(cuts=[2]),
        planted(marks=[1.0]),
        planted(marks=[-1]),
    ],
)
def test_a_planted_manifest_is_a_miss(tmp_path: Path, value: object) -> None:
    now = time.time()
    cache = ContextCache(tmp_path / "cache", MB)
    session = keep(cache, "key", b"x", now)
    cache.close()
    with sqlite3.connect(cache.folder / "cache.db") as database:
        database.execute("UPDATE Cache SET value = ? WHERE key LIKE 'm:%'", (value,))
    database.close()
    assert cache.sessions(now) == ()
    assert cache.lookup("key", now) is None
    assert cache.content(session, now) == b"x"
    assert cache.warnings == []
    cache.close()
