"""The database that the run log is kept in: made, migrated, and what goes wrong with it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.errors import HistoryUnusable
from ccw.history.spare import Connection, File, put_back, taken
from ccw.history.traces import SCHEMA

if TYPE_CHECKING:
    import sqlite3

OUTDATED = "the run log cannot be brought up to date"
# One script for each version that `user_version` counts; a change is a further script.
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        time TEXT NOT NULL,         -- ISO 8601 in UTC
        endpoint TEXT NOT NULL,
        provider TEXT NOT NULL,     -- its type
        model TEXT NOT NULL,
        input INTEGER,              -- fresh tokens; all tokens NULL when the provider told none
        cache_read INTEGER,
        cache_write_5m INTEGER,
        cache_write_1h INTEGER,
        output INTEGER,
        cost REAL,                  -- USD, NULL when unknown
        saved REAL,                 -- USD, NULL when unknown
        local_hit INTEGER,          -- NULL when the context cache had no part in it
        first_difference INTEGER,   -- byte of the context, NULL for none or unknown
        exit_code INTEGER NOT NULL,
        duration_ms INTEGER NOT NULL,
        session TEXT
    );
    """,
    SCHEMA,
)


@contextmanager
def opened(path: Path, patience: float, refused: str = "") -> Iterator[sqlite3.Connection]:
    """Give the log at *path*, made and migrated, waiting *patience* seconds for others.

    What goes wrong becomes HistoryUnusable; *refused* says what does not happen when it is
    read-only, or locked.
    """
    import sqlite3

    try:
        file = _make_private(path)
        known = taken(file, patience) or Connection(file, _connected(path, patience), patience)
        try:
            _migrate(known.database, path)
            yield known.database
        except BaseException:
            known.database.close()
            raise
        put_back(known)
    except (OSError, sqlite3.Error) as error:
        raise HistoryUnusable(_told(error, path, refused)) from None


def has_begun(path: Path) -> bool:
    """Tell whether there may be anything in the log at *path*: a full disk leaves an empty file."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(found.st_mode) or found.st_size > 0


def _told(error: OSError | sqlite3.Error, path: Path, refused: str) -> str:
    """Return what is wrong with the log at *path*, and what does not happen as it is *refused*."""
    if _is_locked(error):
        held = f"the run log {path} is locked by another process"
        return f"{refused}: {held}" if refused else f"{held}; try again when that is done"
    if _is_full(error):
        return (
            f"{refused or OUTDATED}: the run log {path} cannot be written ({_reason(error)}); "
            "free space on its disk"
        )
    place = _read_only(path, error)
    if place is not None:
        return f"{refused or OUTDATED}: {place} is read-only"
    return (
        f"the run log {path} cannot be used ({_reason(error)}); check the file, or move it "
        "away to begin a new one"
    )


def _is_full(error: OSError | sqlite3.Error) -> bool:
    """Tell of a full disk, or of a quota, which SQLite calls a failed write."""
    import sqlite3

    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    code = getattr(error, "sqlite_errorcode", 0)
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)


def _is_locked(error: OSError | sqlite3.Error) -> bool:
    import sqlite3

    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: OSError | sqlite3.Error) -> int:
    """Return SQLite's primary result code, 0 where *error* is not SQLite's."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _read_only(path: Path, error: OSError | sqlite3.Error) -> Path | None:
    """Return the file or folder that may not be written, where *error* comes from that."""
    import sqlite3

    if isinstance(error, OSError):
        refused = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    else:  # in a read-only folder SQLite cannot open its journal
        refused = _code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    places = (path, path.parent) if refused else ()
    return next((place for place in places if _only_readable(place)), None)


def _only_readable(place: Path) -> bool:
    return os.access(place, os.R_OK) and not os.access(place, os.W_OK)


def _make_private(path: Path) -> File:
    """Make a missing file with mode 0600, which SQLite gives its companions too."""
    try:
        return _file(path)
    except FileNotFoundError:
        pass
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return _file(path)


def _file(path: Path) -> File:
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "not a regular file")
    return found.st_dev, found.st_ino


def _connected(path: Path, patience: float) -> sqlite3.Connection:
    import sqlite3

    database = sqlite3.connect(path, patience, isolation_level=None, check_same_thread=False)
    # a killed process leaves the log whole; only a power cut may cost it, and spares 1 ms
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA journal_mode = TRUNCATE")  # neither made nor removed for each call
    return database


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    if _version(database) == len(MIGRATIONS):
        return
    database.execute("BEGIN IMMEDIATE")
    version = _version(database)  # asked again: another process may have come first
    if version > len(MIGRATIONS):
        raise HistoryUnusable(
            f"the run log {path} has version {version}, this ccw knows {len(MIGRATIONS)}; "
            "upgrade ccw, or move the file away to begin a new one"
        )
    for number in range(version, len(MIGRATIONS)):
        for statement in MIGRATIONS[number].split(";\n"):
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    database.execute("COMMIT")


def _version(database: sqlite3.Connection) -> int:
    ((version,),) = database.execute("PRAGMA user_version").fetchall()
    return int(version)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
