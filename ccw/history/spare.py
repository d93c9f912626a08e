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
class Connection:
    """A connection to *file* that waits *patience* seconds for others."""

    file: File
    database: sqlite3.Connection
    patience: float


_SPARES: list[Connection] = []


def taken(file: File, patience: float) -> Connection | None:
    """Return the connection to *file* that waits, with that *patience*; None without one."""
    spare = _popped()
    if spare is None or (spare.file, spare.patience) == (file, patience):
        return spare
    spare.database.close()
    return None


def put_back(connection: Connection) -> None:
    """Let *connection* wait for the next call, in the place of one that waits already."""
    close_spares()
    _SPARES.append(connection)


def close_spares() -> None:
    """Close what waits."""
    while (spare := _popped()) is not None:
        spare.database.close()


def _popped() -> Connection | None:
    try:
        return _SPARES.pop()
    except IndexError:
        return None


atexit.register(close_spares)
os.register_at_fork(before=close_spares)  # SQLite's connections do not survive a fork
