"""The connection to a run log that waits for the next call of this process: opening costs more.

At most one waits, and whoever uses it has it to himself.
"""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


File = tuple[int, int]  # device and inode: another file may have taken the path meanwhile


@dataclass(frozen=True, slots=True)
class _Spare:
    file: File
    database: sqlite3.Connection


_SPARES: list[_Spare] = []


def taken(file: File) -> sqlite3.Connection | None:
    """Return the waiting connection to *file*, None when there is none."""
    spare = _popped()
    if spare is None:
        return None
    if spare.file == file:
        return spare.database
    spare.database.close()
    return None


def put_back(file: File, database: sqlite3.Connection) -> None:
    """Let *database* wait for the next call, in the place of one that waits already."""
    close_spares()
    _SPARES.append(_Spare(file, database))


def close_spares() -> None:
    """Close what waits."""
    while (spare := _popped()) is not None:
        spare.database.close()


def _popped() -> _Spare | None:
    try:
        return _SPARES.pop()
    except IndexError:
        return None


atexit.register(close_spares)
os.register_at_fork(before=close_spares)  # SQLite's connections do not survive a fork
