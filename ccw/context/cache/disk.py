"""diskcache made fit for files of a user: no pickle, private files, a quick opening.

diskcache writes all its settings and syncs each time that a cache is opened, which can take
longer than packing the files again; an existing database is therefore only read here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import diskcache
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA, MODE_BINARY, MODE_RAW, MODE_TEXT

from ccw.context.cache.bounds import Bounds, ProjectBound, bounds_in, largest, with_bound
from ccw.context.cache.folder import BOUNDS, is_value_name, value_files

QUICK_VERSION = "5.6."  # of diskcache: the one whose tables and attributes are known here
LAST = "\U0010ffff"  # sorts after every character of a key
_LAST_CREATED = "Settings_size_delete"  # the trigger that ends diskcache's set-up
_SETTINGS = {
    "eviction_policy": "least-recently-used",
    "cull_limit": 0,  # trim() throws out, one entry at a time
    "sqlite_synchronous": 0,  # what a power cut destroys is packed again
}
ERRORS = (OSError, sqlite3.Error, diskcache.Timeout)  # what a cache that cannot be used raises


class NoPickleDisk(diskcache.Disk):  # type: ignore[misc]
    """Keeps bytes, str, int and float as what they are, and neither writes nor loads pickles."""

    def put(self, key: object) -> tuple[Any, bool]:
        """Return *key* as it stands in the database, and that it is no pickle."""
        if type(key) is not str:
            raise TypeError(f"a cache key is a str, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: bool) -> Any:
        """Return a key of the database; a pickled one, never ccw's, as an empty text."""
        return key if raw and isinstance(key, str) else ""

    def store(self, value: object, read: bool, key: object = None) -> tuple[Any, ...]:
        """Store *value*; raise TypeError where diskcache would pickle it."""
        small_int = type(value) is int and -(2**63) <= value < 2**63
        if read or not (small_int or type(value) in (bytes, str, float)):
            raise TypeError(f"the cache keeps bytes, str, int and float, not {type(value)}")
        result: tuple[Any, ...] = super().store(value, read, key=key)
        return result

    def fetch(self, mode: int, filename: str | None, value: Any, _read: bool) -> Any:
        """Return the value of a row; one that ccw cannot have written counts as gone."""
        if filename is None and mode == MODE_RAW:
            return value
        if filename is None or mode not in (MODE_BINARY, MODE_TEXT):
            raise FileNotFoundError(f"a row of mode {mode} is not ccw's")
        data = self._load(filename)
        return data if mode == MODE_BINARY else data.decode("utf-8", "replace")

    def remove(self, file_path: str) -> None:
        """Remove the file of a value, and no other that a row may name."""
        if is_value_name(file_path):
            with contextlib.suppress(OSError):
                os.remove(os.path.join(self._directory, file_path))

    def filename(self, _key: object = None, _value: object = None) -> tuple[str, str]:
        """Return a new name for a value file: relative to the folder, and the whole path."""
        name = os.urandom(16).hex()
        relative = f"{name[:2]}/{name[2:]}.val"
        return relative, os.path.join(self._directory, relative)

    def _load(self, filename: str) -> bytes:
        if not is_value_name(filename):
            raise FileNotFoundError(filename)
        path = os.path.join(self._directory, filename)
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read()

    def _write(
        self, full_path: str, iterator: IO[Any], mode: str, encoding: str | None = None
    ) -> int:
        """Write a value file, never the cache folder itself: another process may have removed it.

        A folder made anew here would lack the marker and be refused for ever.
        """
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.dirname(full_path), 0o700)
        try:
            with open(full_path, mode, encoding=encoding, opener=_private) as file:
                return file.write(iterator.read())
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(full_path)
            raise


class Store(diskcache.Cache):  # type: ignore[misc]
    """A diskcache that opens without writing, and keeps to the largest bound of its projects."""

    def __init__(self, directory: str, timeout: float) -> None:
        wanted = {**DEFAULT_SETTINGS, **_SETTINGS}
        try:
            if not self._attach(directory, timeout, wanted):
                _create_database(os.path.join(directory, DBNAME))
                super().__init__(directory, timeout=timeout, disk=NoPickleDisk, **_SETTINGS)
        except ERRORS:
            self.close()
            raise

    def keep_bound(self, project: str, max_bytes: int, day: int) -> None:
        """Make the largest bound of the projects seen lately count; *day* is days since 1970."""
        known = self._bounds().get(project)
        if known and known.max_bytes == max_bytes and day <= known.day:
            return
        with self.transact():
            bounds = with_bound(self._bounds(), project, ProjectBound(max_bytes, day))
            self._sql("INSERT OR REPLACE INTO Settings VALUES (?, ?)", (BOUNDS, json.dumps(bounds)))
            self.reset("size_limit", largest(bounds.values()))

    def trim(self) -> None:
        """Throw out the least recently used entries until the cache is within its bound."""
        oldest = "SELECT rowid, filename FROM Cache ORDER BY access_time, rowid LIMIT 1"
        while self.volume() > self.size_limit:
            with self._transact() as (sql, cleanup):
                rows = sql(oldest).fetchall()
                for rowid, filename in rows:
                    sql("DELETE FROM Cache WHERE rowid = ?", (rowid,))
                    cleanup(filename)
            if not rows:
                return

    def entries(self, prefix: str) -> Iterator[tuple[str, Any]]:
        """Yield keys that begin with *prefix* and their values, without marking them as used."""
        query = "SELECT key, mode, filename, value FROM Cache WHERE key >= ? AND key < ? AND raw"
        for key, mode, filename, value in self._sql(query, (prefix, prefix + LAST)).fetchall():
            with contextlib.suppress(OSError):
                yield key, self._disk.fetch(mode, filename, value, False)

    def remove_orphans(self, older_than: float) -> None:
        """Remove value files without a row, left by killed processes, last changed before that."""
        query = "SELECT filename FROM Cache WHERE filename IS NOT NULL"
        known = {name for (name,) in self._sql(query)}
        for name in value_files(Path(self.directory)):
            path = os.path.join(self.directory, name)
            with contextlib.suppress(OSError):
                if name not in known and os.lstat(path).st_mtime < older_than:
                    os.remove(path)

    def remove_foreign(self) -> None:
        """Remove rows that ccw did not write: pickles, keys of other kinds."""
        foreign = "DELETE FROM Cache WHERE NOT raw OR mode NOT IN (?, ?, ?)"
        self._sql(foreign, (MODE_RAW, MODE_BINARY, MODE_TEXT))

    def number(self, prefix: str) -> int:
        """Return the number of keys that begin with *prefix*."""
        query = "SELECT COUNT(*) FROM Cache WHERE key >= ? AND key < ? AND raw"
        ((number,),) = self._sql(query, (prefix, prefix + LAST)).fetchall()
        return int(number)

    def bytes_of(self, prefix: str) -> int:
        """Return the bytes of all values whose keys begin with *prefix*."""
        size = "SUM(CASE WHEN filename IS NULL THEN LENGTH(value) ELSE size END)"
        query = f"SELECT IFNULL({size}, 0) FROM Cache WHERE key >= ? AND key < ? AND raw"
        ((number,),) = self._sql(query, (prefix, prefix + LAST)).fetchall()
        return int(number)

    def move(self, key: str, to: str) -> None:
        """Let the value of *key*, if there is one, live on in place of that of the key *to*."""
        self.delete(to)
        self._sql("UPDATE Cache SET key = ? WHERE key = ? AND raw", (to, key))

    def keep_until(self, key: str, value: object, moment: float) -> None:
        """Set *key* until *moment*, in seconds since 1970; diskcache counts from its own clock."""
        with self.transact():
            self.set(key, value)
            until = "UPDATE Cache SET expire_time = ? WHERE key = ? AND raw"
            self._sql(until, (moment, key))

    def prolong(self, keys: Sequence[str], moment: float) -> None:
        """Let *keys* that are there not expire before *moment*, in seconds since 1970."""
        which = ", ".join("?" * len(keys))
        later = (
            f"UPDATE Cache SET expire_time = ? WHERE expire_time < ? AND key IN ({which}) AND raw"
        )
        self._sql(later, (moment, moment, *keys))

    def expires(self, key: str) -> float | None:
        """Return when *key* expires, in seconds since 1970, or None when it is not there."""
        query = "SELECT expire_time FROM Cache WHERE key = ? AND raw"
        rows = self._sql(query, (key,)).fetchall()
        return rows[0][0] if rows else None

    def largest_bound(self) -> int:
        """Return the largest bound of the projects that share the cache, in bytes; 0 if none."""
        return largest(self._bounds().values())

    def count_use(self, *, hit: bool) -> None:
        """Add one to the hits or misses, which survive the process."""
        name = "hits" if hit else "misses"
        self._sql("UPDATE Settings SET value = value + 1 WHERE key = ?", (name,))

    def _bounds(self) -> Bounds:
        rows = self._sql("SELECT value FROM Settings WHERE key = ?", (BOUNDS,)).fetchall()
        return bounds_in(rows[0][0]) if rows else {}

    def _attach(self, directory: str, timeout: float, wanted: dict[str, Any]) -> bool:
        """Open an existing database as diskcache would, but write nothing; False if it must."""
        path = os.path.join(directory, DBNAME)
        self._local = threading.local()
        if not os.path.exists(path) or not diskcache.__version__.startswith(QUICK_VERSION):
            return False
        self._directory, self._timeout, self._txn_id = directory, timeout, None
        disk = {key[5:]: value for key, value in wanted.items() if key.startswith("disk_")}
        self._disk = NoPickleDisk(directory, **disk)
        settings = self._settings()
        complete = METADATA.keys() <= settings.keys() and all(
            settings.get(key) == value for key, value in wanted.items() if key != "size_limit"
        )
        if not complete:
            self.close()
            return False
        for key in (*wanted, *METADATA):
            setattr(self, key, settings[key])
        ((self._page_size,),) = self._sql("PRAGMA page_size").fetchall()
        return True

    def _settings(self) -> dict[str, Any]:
        try:
            ready = "SELECT 1 FROM sqlite_master WHERE name = ?"
            if self._sql(ready, (_LAST_CREATED,)).fetchall():
                return dict(self._sql("SELECT key, value FROM Settings").fetchall())
        except sqlite3.OperationalError:
            pass  # being created by another process: diskcache's own way waits for it
        return {}


def _create_database(path: str) -> None:
    """Make an empty private file: SQLite gives its companions the same mode."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, 0o600))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
