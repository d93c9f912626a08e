"""Lines for a run log, and what is stored of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ccw.history.log import HISTORY_FILE, Run
from ccw.llm.usage import Usage

RUN = Run(
    time="2026-03-01T12:00:00.000Z",
    endpoint="ask",
    provider="openai",
    model="gpt-4o",
    usage=Usage(input=10, cache_read=70, cache_write_5m=15, cache_write_1h=5, output=4),
    cost=0.25,
    saved=0.5,
    local_hit=True,
    first_difference=4096,
    exit_code=0,
    duration_ms=1200,
    session="ctx-0123456789ab",
)
FAILED = replace(
    RUN, usage=None, cost=None, saved=None, local_hit=None, first_difference=None, exit_code=6
)


def rows(project: Path) -> list[tuple[object, ...]]:
    """Everything in the log, as it is stored."""
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return database.execute("SELECT * FROM runs ORDER BY id").fetchall()
