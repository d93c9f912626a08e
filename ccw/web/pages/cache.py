"""What the page of the context cache shows: its size, its sessions, what it saved over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ccw import context_cache
from ccw.config.layers import load_config
from ccw.config.models import GlobalCacheSettings
from ccw.context.cache.results import CacheStatus, SessionStatus
from ccw.errors import HistoryUnusable
from ccw.history.log import Totals, days_before, totals
from ccw.web.pages.charts import Chart, Series, chart, days_until

DAYS = 30


@dataclass(frozen=True, slots=True)
class CacheView:
    """The cache now, and the calls of the last days; money in USD."""

    status: CacheStatus
    settings: GlobalCacheSettings
    sessions: tuple[SessionStatus, ...]
    project: str
    sums: Totals
    tokens: Chart
    packs: Chart
    saved: Chart
    warnings: tuple[str, ...] = ()

    @property
    def foreign(self) -> int:
        """How many sessions are of other projects that share the folder."""
        return sum(1 for session in self.sessions if session.project != self.project)


def cache_view(project: Path, environ: Mapping[str, str], now: float) -> CacheView:
    """Return what is kept for *project* at *now*, in seconds since 1970."""
    warnings: list[str] = []
    status = context_cache.status(project, environ=environ, now=now)
    sessions = context_cache.sessions(project, environ=environ, now=now, warn=warnings.append)
    days, told = _days(project, now)
    by_day = {total.key: total for total in days}
    names = days_until(datetime.fromtimestamp(now, UTC).date(), DAYS)
    each = [by_day.get(name, Totals(name)) for name in names]
    return CacheView(
        status=status,
        settings=load_config(project, environ).global_cache_settings,
        sessions=sessions,
        project=str(project.absolute()),
        sums=by_day[""],
        tokens=chart(names, _tokens(each)),
        packs=chart(names, _packs(each)),
        saved=chart(names, [Series("saved", "USD saved", tuple(t.saved or 0.0 for t in each))]),
        warnings=tuple(dict.fromkeys((*status.warnings, *warnings, *told))),
    )


def _days(project: Path, now: float) -> tuple[tuple[Totals, ...], tuple[str, ...]]:
    """Return the sums of each day and of all; a log that cannot be read counts as empty."""
    try:
        return totals(project, since=days_before(now, DAYS)), ()
    except HistoryUnusable as error:
        return (replace(Totals(), key=""),), (str(error),)


def _tokens(each: Sequence[Totals]) -> list[Series]:
    return [
        Series("read", "read from the provider's cache", tuple(t.cache_read for t in each)),
        Series("write", "written to it", tuple(t.cache_write for t in each)),
        Series("fresh", "sent in full", tuple(t.input for t in each)),
    ]


def _packs(each: Sequence[Totals]) -> list[Series]:
    return [
        Series("hit", "reused", tuple(t.local_hits for t in each)),
        Series("miss", "packed anew", tuple(t.packed - t.local_hits for t in each)),
    ]
