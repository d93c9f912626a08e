"""The run log of a project: a line for each call in `.ccw/storage/history.db`, and their sums.

Figures are kept, paths and digests of files, but no prompt and no text of a file. A folder that is
no project gets no log: nothing is written where `.ccw/storage` does not exist. Each call is one
short transaction, so that any number of processes may log at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ccw.config.places import KNOWN, STORAGE, is_inside
from ccw.errors import HistoryUnusable
from ccw.history.database import has_begun, opened
from ccw.history.traces import keep_trace
from ccw.llm.usage import Usage
from ccw.moments import moment

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionResult
    from ccw.execution.planning import Plan
    from ccw.history.traces import Trace

HISTORY_FILE = STORAGE / "history.db"
LOCK_SECONDS = 3.0  # waited for other processes before the line is given up
NOT_LOGGED = "the call is not logged"
By = Literal["day", "endpoint", "model"]
_TOKENS = tuple(field.name for field in fields(Usage))
_tokens = attrgetter(*_TOKENS)
_LINE = f"INSERT INTO runs VALUES (NULL{', ?' * (11 + len(_TOKENS))})"
_DIFFERENCE = "UPDATE runs SET first_difference = ? WHERE id = ?"
_KEYS = {"day": "substr(time, 1, 10)", "endpoint": "endpoint", "model": "model"}
# money: nothing for no call at all, NULL (unknown) for calls of which none has a known cost
_SUMS = """
    count(*), count(nullif(exit_code, 0)), count(*) - count(input), ifnull(sum(input), 0),
    ifnull(sum(cache_read), 0), ifnull(sum(cache_write_5m + cache_write_1h), 0),
    ifnull(sum(output), 0), ifnull(sum(local_hit), 0), count(local_hit),
    CASE count(*) WHEN 0 THEN 0.0 ELSE sum(cost) END, count(*) - count(cost),
    CASE count(*) WHEN 0 THEN 0.0 ELSE sum(saved) END, count(*) - count(saved)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One call. `time` is ISO 8601 in UTC, `cost` and `saved` are USD, None where unknown."""

    time: str
    endpoint: str
    provider: str
    model: str
    usage: Usage | None
    cost: float | None
    saved: float | None
    local_hit: bool | None
    first_difference: int | None
    exit_code: int
    duration_ms: int
    session: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of calls; money in USD is None when it is unknown of every call.

    `unknown_…` count the calls that a sum leaves out, `packed` those with files in the context
    cache, `local_hits` those of them that it had already.
    """

    key: str = ""
    calls: int = 0
    failed: int = 0
    unknown_tokens: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    local_hits: int = 0
    packed: int = 0
    cost: float | None = 0.0
    unknown_cost: int = 0
    saved: float | None = 0.0
    unknown_saved: int = 0

    @property
    def provider_cache_share(self) -> float | None:
        """The part of all input that the provider's cache served, None without any input."""
        total = self.input + self.cache_read + self.cache_write
        return self.cache_read / total if total else None


def record(
    project: Path, run: Run, patience: float = LOCK_SECONDS, trace: Trace | None = None
) -> None:
    """Add *run* to the log of *project*, if it is one; wait *patience* seconds for others.

    *trace* is what the call sent ahead of its prompt; with one, the first difference from what was
    sent before is found here. Raises HistoryUnusable.
    """
    if not os.path.isdir(_places_in(project)[0]):  # noqa: PTH112 (says no where it may not look)
        return
    with opened(history_path(project), patience, NOT_LOGGED) as database:
        if trace is not None:
            database.execute("BEGIN IMMEDIATE")
        line = database.execute(_LINE, _values(run)).lastrowid
        if trace is not None and line is not None:
            made = keep_trace(database, line, run.endpoint, run.model, trace)
            database.execute(_DIFFERENCE, (made.first_difference, line))
            database.execute("COMMIT")


def history_path(project: Path) -> Path:
    """Return where the log of *project* is, or would be; HistoryUnusable outside the project."""
    storage, path = _places_in(project)
    if is_inside(storage, project):
        return path
    raise HistoryUnusable(
        f"{NOT_LOGGED}: {storage} leads out of the project; put a folder of its own there"
    )


def run_of(plan: Plan, result: LiteLLMExecutionResult, started: float) -> Run:
    """Return the line for the call of *plan* that began at *started*, in seconds since 1970."""
    return Run(
        time=moment(started),
        endpoint=plan.target.endpoint.id,
        provider=plan.target.provider.type,
        model=plan.target.endpoint.model,
        usage=result.usage,
        cost=result.cost,
        saved=result.saved,
        local_hit=result.cache_hit if result.cache_used else None,
        first_difference=None,
        exit_code=result.exit_code,
        duration_ms=result.duration_ms,
        session=result.session_id,
    )


def totals(project: Path, by: By = "day", *, since: str = "") -> tuple[Totals, ...]:
    """Return the sums of the calls from *since* (ISO 8601) on, grouped and sorted *by*.

    The last one, with an empty key, is the sum of all. Raises HistoryUnusable.
    """
    path = history_path(project)
    if not has_begun(path):
        return (Totals(),)
    key, where = _KEYS[by], "FROM runs WHERE time >= ?"
    with opened(path, LOCK_SECONDS) as database:
        grouped = f"SELECT {key}, {_SUMS} {where} GROUP BY 1 ORDER BY 1"
        rows = database.execute(grouped, (since,)).fetchall()
        rows += database.execute(f"SELECT '', {_SUMS} {where}", (since,)).fetchall()
    return tuple(Totals(*row) for row in rows)


def _values(run: Run) -> tuple[str | float | None, ...]:
    tokens = _tokens(run.usage) if run.usage is not None else (None,) * len(_TOKENS)
    whole = (run.time, run.endpoint, run.provider, run.model, *tokens, run.cost, run.saved)
    return *whole, run.local_hit, run.first_difference, run.exit_code, run.duration_ms, run.session


@lru_cache(maxsize=KNOWN)
def _places_in(project: Path) -> tuple[Path, Path]:
    return project / STORAGE, project / HISTORY_FILE


def days_before(now: float, days: int) -> str:
    """Return the beginning of the day that makes *days* with today, in UTC."""
    day = datetime.fromtimestamp(now, UTC).date() - timedelta(days=days - 1)
    return day.isoformat()
