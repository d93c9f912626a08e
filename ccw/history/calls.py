"""Logged calls read back, each with what it sent ahead of its prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccw.errors import HistoryUnusable
from ccw.history.database import has_begun, opened
from ccw.history.log import LOCK_SECONDS, history_path
from ccw.history.traces import Trace, read_trace

if TYPE_CHECKING:
    import sqlite3

_CALL = """
    SELECT run, time, endpoint, model, session, local_hit, input, cache_read,
        cache_write_5m + cache_write_1h, detail, before FROM traces JOIN runs ON id = run
"""
_FAILURE = "SELECT time, exit_code FROM runs WHERE id > ? AND exit_code <> 0"
_LAST = "ORDER BY id DESC LIMIT 1"


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


@dataclass(frozen=True, slots=True)
class Failure:
    """A logged call that failed: when it began, ISO 8601 in UTC, and its exit code."""

    time: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Found:
    """The last call with files that reached the model, the one before it, a failure since.

    The one before is the one about the same files by the same endpoint at the same model.
    """

    call: Call | None = None
    before: Call | None = None
    failure: Failure | None = None


def last_call(project: Path, session: str | None = None) -> Found:
    """Return the last call with files, or the last of *session*. Raises HistoryUnusable."""
    path = history_path(project)
    if not has_begun(path):
        return Found()
    with opened(path, LOCK_SECONDS) as database:
        try:
            return _last(database, session)
        except (ValueError, TypeError):
            raise HistoryUnusable(
                f"the run log {path} holds a line that ccw did not write so; "
                "move it away to begin a new one"
            ) from None


def _last(database: sqlite3.Connection, session: str | None) -> Found:
    condition, values = ("session = ?", (session,)) if session else ("TRUE", ())
    row = database.execute(f"{_CALL} WHERE {condition} {_LAST}", values).fetchone()
    run, before = (0, None) if row is None else (row[0], row[-1])
    earlier = database.execute(f"{_CALL} WHERE run = ?", (before,)).fetchone()
    failed = database.execute(f"{_FAILURE} AND {condition} {_LAST}", (run, *values)).fetchone()
    return Found(
        call=row and _call(row),
        before=earlier and _call(earlier),
        failure=failed and Failure(*failed),
    )


def _call(row: tuple[Any, ...]) -> Call:
    _, time, endpoint, model, session, hit, fresh, read, written, detail, _ = row
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
