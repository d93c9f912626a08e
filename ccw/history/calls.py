"""Logged calls read back, each with what it sent ahead of its prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccw.errors import HistoryUnusable
from ccw.history.database import opened
from ccw.history.log import HISTORY_FILE, LOCK_SECONDS
from ccw.history.traces import Trace, read_trace

if TYPE_CHECKING:
    import sqlite3

_CALL = """
    SELECT time, endpoint, model, session, local_hit, input, cache_read,
        cache_write_5m + cache_write_1h, detail, before FROM traces JOIN runs ON id = run
"""


@dataclass(frozen=True, slots=True)
class Call:
    """A logged call with its trace; tokens are None when the provider told none."""

    time: str
    endpoint: str
    model: str
    session: str | None
    local_hit: bool | None
    input: int | None
    cache_read: int | None
    cache_write: int | None
    trace: Trace

    @property
    def total_input(self) -> int:
        """All tokens that went in."""
        return (self.input or 0) + (self.cache_read or 0) + (self.cache_write or 0)


def last_call(project: Path, session: str | None = None) -> tuple[Call, Call | None] | None:
    """Return the last call with files, or the last of *session*, and the one before it.

    That is the one before about the same files by the same endpoint at the same model. None when
    no such call is in the log. Raises HistoryUnusable.
    """
    path = project / HISTORY_FILE
    if not path.exists():
        return None
    with opened(path, LOCK_SECONDS) as database:
        try:
            return _last(database, session)
        except (ValueError, TypeError):
            raise HistoryUnusable(
                f"the run log {path} holds a line that ccw did not write so; "
                "move it away to begin a new one"
            ) from None


def _last(database: sqlite3.Connection, session: str | None) -> tuple[Call, Call | None] | None:
    where = "WHERE session = ?" if session else ""
    query = f"{_CALL} {where} ORDER BY run DESC LIMIT 1"
    row = database.execute(query, (session,) if session else ()).fetchone()
    if row is None:
        return None
    earlier = database.execute(f"{_CALL} WHERE run = ?", row[-1:]).fetchone()
    return _call(row), None if earlier is None else _call(earlier)


def _call(row: tuple[Any, ...]) -> Call:
    time, endpoint, model, session, hit, fresh, read, written, detail, _ = row
    return Call(
        time=time,
        endpoint=endpoint,
        model=model,
        session=session,
        local_hit=None if hit is None else bool(hit),
        input=fresh,
        cache_read=read,
        cache_write=written,
        trace=read_trace(detail),
    )
