"""What went wrong with a cache, in words that help."""

from __future__ import annotations

import errno
import os
import sqlite3

import diskcache
import pytest

from ccw.context.cache.folder import InPlaceOfFile
from ccw.context.cache.trouble import ELSEWHERE, FREE_SPACE, MAKE_NEW, WAIT, Trouble, trouble_of


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def database(code: int, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (system(errno.EACCES), Trouble("Permission denied", ELSEWHERE)),
        (system(errno.EROFS), Trouble("Read-only file system", ELSEWHERE)),
        (system(errno.ENOSPC), Trouble("No space left on device", FREE_SPACE)),
        (system(errno.EDQUOT), Trouble("Disk quota exceeded", FREE_SPACE)),
        (diskcache.Timeout(), Trouble("another process keeps it locked", WAIT)),
        (database(sqlite3.SQLITE_BUSY, "database is locked"), Trouble("database is locked", WAIT)),
        (database(sqlite3.SQLITE_FULL, "disk is full"), Trouble("disk is full", FREE_SPACE)),
        (database(sqlite3.SQLITE_READONLY_DIRECTORY, "read-only"), Trouble("read-only", ELSEWHERE)),
        (sqlite3.DatabaseError("malformed"), Trouble("malformed", MAKE_NEW, is_broken=True)),
        (InPlaceOfFile(0, "x is a folder"), Trouble("x is a folder", MAKE_NEW, is_broken=True)),
    ],
)
def test_what_helps(error: Exception, expected: Trouble) -> None:
    assert trouble_of(error) == expected
