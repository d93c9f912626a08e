"""What a call's prefix was made of, kept in the run log: enough to tell why a cache hit or missed.

Paths, sizes and digests are kept, no text: of the last pack sent to each endpoint its pieces, of
each call how its pack differed from the one before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ccw.execution.caching import minimum_of, row_of
from ccw.history.earlier import Asked, Before, files_key
from ccw.history.earlier import before as sent_before
from ccw.history.pieces import LEFT_OUT, Piece, difference, digest_of, dumps, pieces_of
from ccw.llm.marks import lifetime_of

if TYPE_CHECKING:
    import sqlite3

    from ccw.context.session import PackedContext
    from ccw.execution.options import LiteLLMExecutionResult
    from ccw.execution.planning import Plan

SCHEMA = """
    CREATE TABLE traces (
        run INTEGER PRIMARY KEY,
        before INTEGER,             -- the run before about the same files, at the same model
        detail TEXT NOT NULL        -- JSON
    );
    CREATE TABLE packs (
        endpoint TEXT NOT NULL,
        model TEXT NOT NULL,
        prefix_key TEXT NOT NULL,
        run INTEGER NOT NULL,
        pieces TEXT NOT NULL,       -- JSON
        PRIMARY KEY (endpoint, model, prefix_key)
    );
"""
KEPT_PACKS = 50
NAMED = 50  # files of each list; more are only counted
_SIGNALLED = 128  # of a call that a signal ended the exit code is beyond
_TRIM = """
    DELETE FROM packs WHERE run <= (SELECT run FROM packs ORDER BY run DESC LIMIT 1 OFFSET ?)
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from those of the call before: some of their paths, and how many.

    `left_out`: whether the list of files left out differs, too.
    """

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    count: int = 0
    left_out: bool = False

    @property
    def none(self) -> bool:
        """Whether nothing differs."""
        return not (self.count or self.left_out)


@dataclass(frozen=True, slots=True)
class Trace:
    """What one call sent ahead of its prompt. Offsets in bytes, times in seconds.

    `first_difference` is the first byte of the pack that differs from the request before. It lies
    between the two bytes `between` where that pack is no longer known to the byte; both are None
    when the request before had them all. `part` of the pack stands there, which may be a `file`,
    and `file_before` stood there then; `changes` are None when no call about the same files is
    known, and `renamed` says that only one that named the same files by other patterns is. In all
    `size` bytes were sent, `lead` of them ahead of the pack; `minimum` is the tokens
    of the shortest prefix that the model caches, None where unknown.
    """

    prefix_key: str
    system: str
    marks: tuple[int, ...]
    kept: str
    lifetime: float
    local_life: float
    inert: tuple[int, int] | None = None
    first_difference: int | None = None
    file: str | None = None
    file_before: str | None = None
    changes: Changes | None = None
    between: tuple[int, int] | None = None
    part: str | None = None
    minimum: int | None = None
    lead: int = 0
    size: int = 0
    renamed: bool = False
    pack: PackedContext | None = field(default=None, repr=False, compare=False)


def trace_of(plan: Plan, result: LiteLLMExecutionResult, *, sent: bool) -> Trace | None:
    """Return what the call of *plan* sent; None without files, or when it was not received.

    *sent*: it was going out when the call ended.
    """
    stopped = sent and result.exit_code > _SIGNALLED
    reached = result.success or result.output or stopped
    if plan.packed is None or not reached:
        return None
    row, inert = row_of(plan.target), result.cache_inert
    system = (plan.system or "").encode("utf-8", "surrogatepass")
    return Trace(
        prefix_key=plan.prefix_key or "",
        system=digest_of(system),
        marks=plan.caching.marks,
        kept=row.kept,
        lifetime=lifetime_of(row, plan.caching),
        local_life=plan.target.endpoint.cache_strategy.ttl_minutes * 60,
        inert=(inert.tokens, inert.minimum) if inert else None,
        minimum=minimum_of(plan.target),
        lead=len(system),
        size=plan.size(),
        pack=plan.packed,
    )


def keep_trace(
    database: sqlite3.Connection, run: int, endpoint: str, model: str, trace: Trace
) -> Trace:
    """Keep *trace* of the line *run* and return it compared with what was sent before."""
    pack = trace.pack
    assert pack is not None
    pieces = pieces_of(pack)
    asked = Asked(endpoint, model, trace.prefix_key, pack.session_id)
    before = sent_before(database, asked, pieces)
    made, key = _compared(trace, pack, pieces, before), _key(trace, pieces)
    database.execute("INSERT INTO traces VALUES (?, ?, ?)", (run, before.run, _written(made)))
    if key:
        values = (endpoint, model, key, run, dumps(pieces))
        database.execute("REPLACE INTO packs VALUES (?, ?, ?, ?, ?)", values)
        database.execute(_TRIM, (KEPT_PACKS,))
    return made


def read_trace(text: str) -> Trace:
    """Return the trace in *text*, as `keep_trace` wrote it. Raises ValueError."""
    try:
        fields = json.loads(text)
        changes = fields.pop("changes")
        return Trace(
            **{name: _frozen(value) for name, value in fields.items()},
            changes=changes and Changes(**{n: _frozen(v) for n, v in changes.items()}),
        )
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(str(error)) from None


def changes_between(before: Sequence[Piece], now: Sequence[Piece]) -> Changes:
    """Return which files differ."""
    old = {piece.path: piece.digest for piece in before if piece.path}
    new = {piece.path: piece.digest for piece in now if piece.path}
    changed = tuple(path for path in new if path in old and old[path] != new[path])
    added = tuple(path for path in new if path not in old)
    removed = tuple(path for path in old if path not in new)
    count = len(changed) + len(added) + len(removed)
    listed = [pieces[-1].digest for pieces in (before, now) if pieces[-1].part == LEFT_OUT]
    return Changes(
        changed[:NAMED], added[:NAMED], removed[:NAMED], count, left_out=len(set(listed)) == 2
    )


def _key(trace: Trace, pieces: Sequence[Piece]) -> str:
    """Return what to keep the pack by, "" for one that no provider can have kept."""
    keeps = trace.kept == "by itself"
    return trace.prefix_key or (files_key(pieces) if keeps else "")


def _compared(trace: Trace, pack: PackedContext, pieces: Sequence[Piece], before: Before) -> Trace:
    """Return *trace* with how its *pack* differs."""
    if before.anywhere:
        changes = changes_between(before.anywhere, pieces)
        trace = replace(trace, changes=changes, renamed=before.renamed)
    known = before.session is not None and before.session == pack.compared_with
    exact = pack.first_difference if known else None
    place = difference(before.sent, pieces, exact) if before.sent else None
    if place is None:
        return trace
    return replace(
        trace,
        first_difference=place.exact,
        between=None if place.exact is not None else (place.low, place.high),
        part=place.now.part if place.now else None,
        file=place.now.path or None if place.now else None,
        file_before=place.then.path or None if place.then else None,
    )


def _written(trace: Trace) -> str:
    fields = asdict(replace(trace, pack=None))
    del fields["pack"]
    return json.dumps(fields)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
