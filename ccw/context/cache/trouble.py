"""Why a cache cannot be used, and what helps: from what was raised to words; pure."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass

from ccw.context.cache.folder import ForeignFolder, InPlaceOfFile

MAKE_NEW = "`ccw cache clear` makes it new"
ELSEWHERE = "set CCW_HOME, or globalCacheSettings.cacheDir, to a folder that can be written"
FREE_SPACE = "free space on its disk, or set CCW_HOME to a folder on another"
OTHER_FOLDER = (
    "set cacheDir (globalCacheSettings) to an empty folder or one that does not exist yet"
)
MOVE_AWAY = f"move what is not ccw's away, or {OTHER_FOLDER}"
WAIT = "try again when the other process is done"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cache cannot be used, and its `remedy`; one that `is_broken` can be made new.

    One that `is_foreign` is not ccw's to touch.
    """

    reason: str
    remedy: str
    is_broken: bool = False
    is_foreign: bool = False

    def __str__(self) -> str:
        return f"cannot be used ({self.reason}); {self.remedy}"


def trouble_of(error: Exception) -> Trouble:
    """Return what *error*, raised by the folder or its database, means for the user."""
    if isinstance(error, InPlaceOfFile):
        return Trouble(_reason(error), MAKE_NEW, is_broken=True)
    if isinstance(error, ForeignFolder):
        remedy = MOVE_AWAY if error.errno == errno.ENOTEMPTY else OTHER_FOLDER
        return Trouble(_reason(error), remedy, is_foreign=True)
    if isinstance(error, OSError):
        return Trouble(_reason(error), FREE_SPACE if error.errno in _FULL else ELSEWHERE)
    if not isinstance(error, sqlite3.Error):  # diskcache's timeout
        return Trouble("another process keeps it locked", WAIT)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _BUSY:
        return Trouble(str(error), WAIT)
    if code == sqlite3.SQLITE_FULL:
        return Trouble(str(error), FREE_SPACE)
    if code in _CLOSED:
        return Trouble(str(error), ELSEWHERE)
    return Trouble(str(error), MAKE_NEW, is_broken=True)


def not_removed(error: OSError) -> Trouble:
    """Return what it means that something of a broken cache cannot be removed."""
    return Trouble(f"{error.filename} cannot be removed: {_reason(error)}", "delete it by hand")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
