"""What a call's prefix was made of, kept in the run log: enough to tell why a cache hit or missed.

Paths, sizes and digests are kept, no text: of the last pack sent to each endpoint its pieces, of
each call how its pack differed from the one before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from ccw.execution.caching import row_of
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
INTERRUPTED = 130
_TRIM = """
    DELETE FROM packs WHERE run <= (SELECT run FROM packs ORDER BY run DESC LIMIT 1 OFFSET ?)
"""


class Piece(NamedTuple):
    """A file of a pack: its digest, where it ends, and a digest of all up to there."""

    path: str
    digest: str
    end: int
    upto: str


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from those of the call before: some of their paths, and how many."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """What one call sent ahead of its prompt. Offsets in bytes, times in seconds.

    `first_difference` is the first byte that the request before had otherwise, None when it had
    them all, `file` stands there now and `file_before` stood there then; `changes` are None when
    no call about the same files is known.
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
    pack: PackedContext | None = field(default=None, repr=False, compare=False)


def trace_of(plan: Plan, result: LiteLLMExecutionResult) -> Trace | None:
    """Return what the call of *plan* sent; None without files, or when it was not received."""
    reached = result.success or result.output or result.exit_code == INTERRUPTED
    if plan.packed is None or not reached:
        return None
    row, inert = row_of(plan.target), result.cache_inert
    return Trace(
        prefix_key=plan.prefix_key or "",
        system=_digest((plan.system or "").encode("utf-8", "surrogatepass")),
        marks=plan.caching.marks,
        kept=row.kept,
        lifetime=lifetime_of(row, plan.caching),
        local_life=plan.target.endpoint.cache_strategy.ttl_minutes * 60,
        inert=(inert.tokens, inert.minimum) if inert else None,
        first_difference=plan.first_difference,
        pack=plan.packed,
    )


def keep_trace(
    database: sqlite3.Connection, run: int, endpoint: str, model: str, trace: Trace
) -> Trace:
    """Keep *trace* of the line *run* and return it compared with what was sent before."""
    own = (endpoint, model, trace.prefix_key)
    before, sent, anywhere = _before(database, *own)
    made, pieces = compared(trace, sent, anywhere)
    database.execute("INSERT INTO traces VALUES (?, ?, ?)", (run, before, _written(made)))
    if trace.prefix_key:
        database.execute("REPLACE INTO packs VALUES (?, ?, ?, ?, ?)", (*own, run, dumps(pieces)))
        database.execute(_TRIM, (KEPT_PACKS,))
    return made


def compared(
    trace: Trace, sent: Sequence[Piece], anywhere: Sequence[Piece]
) -> tuple[Trace, list[Piece]]:
    """Return *trace* with how its pack differs, and the pieces of that pack.

    *sent* is what the same model was sent before, *anywhere* the last pack of the same files.
    """
    assert trace.pack is not None
    pieces = pieces_of(trace.pack)
    if not sent and not anywhere:
        return replace(trace, first_difference=None), pieces
    place = first_difference(sent, pieces, trace.first_difference) if sent else None
    made = replace(
        trace,
        first_difference=place,
        file=None if place is None else _at(pieces, place),
        file_before=None if place is None else _at(sent, place),
        changes=changes_between(anywhere, pieces),
    )
    return made, pieces


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


def pieces_of(pack: PackedContext) -> list[Piece]:
    """Return the pieces of *pack* in order; the end and copies that count no more have no path."""
    view, upto, place = memoryview(pack.content), "", 0
    pieces = []
    for start, end, path in _spans(pack):
        digest = _digest(view[start:end])
        upto = _digest(upto.encode() + bytes(view[place:start]) + digest.encode())
        pieces.append(Piece(path, digest, end, upto))
        place = end
    return pieces


def _spans(pack: PackedContext) -> list[tuple[int, int, str]]:
    old = [(file.offset, file.offset + file.bytes, "") for file in pack.superseded]
    new = [(file.offset, file.offset + file.bytes, file.path) for file in pack.files]
    spans = sorted(old + new)
    last = spans[-1][1] if spans else 0
    return [*spans, (last, len(pack.content), "")]


def first_difference(
    sent: Sequence[Piece], now: Sequence[Piece], exact: int | None = None
) -> int | None:
    """Return the first byte of the pieces *now* that differs from those *sent*; None for none.

    The digests tell it to the piece. *exact* may be about another pack, and counts where it lies
    within that.
    """
    same = {(piece.end, piece.upto) for piece in now}
    common = max((piece.end for piece in sent if (piece.end, piece.upto) in same), default=0)
    following = min((piece.end for piece in sent if piece.end > common), default=None)
    if following is None:
        return None
    return exact if exact is not None and common <= exact <= following else common


def changes_between(before: Sequence[Piece], now: Sequence[Piece]) -> Changes:
    """Return which files differ."""
    old = {piece.path: piece.digest for piece in before if piece.path}
    new = {piece.path: piece.digest for piece in now if piece.path}
    changed = tuple(path for path in new if path in old and old[path] != new[path])
    added = tuple(path for path in new if path not in old)
    removed = tuple(path for path in old if path not in new)
    count = len(changed) + len(added) + len(removed)
    return Changes(changed[:NAMED], added[:NAMED], removed[:NAMED], count)


def dumps(pieces: Sequence[Piece]) -> str:
    """Return *pieces* as ASCII; surrogates of undecodable names survive."""
    return json.dumps(pieces, separators=(",", ":"))


def _before(
    database: sqlite3.Connection, endpoint: str, model: str, prefix_key: str
) -> tuple[int | None, list[Piece], list[Piece]]:
    """Return the run that last sent this to the model, what it sent, and what any call sent."""
    query = "SELECT endpoint, model, run, pieces FROM packs WHERE prefix_key = ? ORDER BY run DESC"
    rows = database.execute(query, (prefix_key,)).fetchall()
    own = next((row for row in rows if row[:2] == (endpoint, model)), None)
    anywhere = _read(rows[0][3]) if rows else []
    if own is None:
        return None, [], anywhere
    return own[2], anywhere if own is rows[0] else _read(own[3]), anywhere


def _read(text: str) -> list[Piece]:
    try:
        pieces = [Piece(*piece) for piece in json.loads(text)]
        return pieces if all(isinstance(piece.end, int) for piece in pieces) else []
    except (ValueError, TypeError):  # not as ccw wrote it: as if not there
        return []


def _written(trace: Trace) -> str:
    fields = asdict(replace(trace, pack=None))
    del fields["pack"]
    return json.dumps(fields)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _at(pieces: Sequence[Piece], place: int) -> str | None:
    """Return the path of the piece that holds the byte *place*, None for none of the files."""
    return next((piece.path for piece in pieces if piece.end > place), None) or None


def _digest(data: bytes | memoryview) -> str:
    return sha256(data).hexdigest()[:16]
