"""What was sent before a call: found by its patterns, by its bytes, or by its files alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from ccw.history.pieces import Piece, loads

if TYPE_CHECKING:
    import sqlite3

UNKEPT = "files-"  # begins the key of a pack that was sent without the context cache
_ROWS = "SELECT packs.endpoint, packs.model, prefix_key, run, session, pieces FROM packs"
_ASKED = f"{_ROWS} LEFT JOIN runs ON id = run WHERE prefix_key IN (?, ?) ORDER BY run DESC"
_SAME = f"{_ROWS} JOIN runs ON id = run WHERE session = ? ORDER BY run DESC"
_NAMING = f"""
    {_ROWS} LEFT JOIN runs ON id = run WHERE instr(pieces, ?) AND instr(pieces, ?) ORDER BY run DESC
"""


class Asked(NamedTuple):
    """What a call is known by: whom it asked, the key of its patterns, the session of its pack.

    The key is "" where it asked without the context cache, the session None where that kept none.
    """

    endpoint: str
    model: str
    prefix_key: str
    session: str | None


class Before(NamedTuple):
    """What was sent before: by the line `run`, to the same model, and last of all by any call.

    `renamed`: by calls with other patterns, as none with these is known.
    """

    run: int | None = None
    session: str | None = None
    sent: Sequence[Piece] = ()
    anywhere: Sequence[Piece] = ()
    renamed: bool = False


class _Row(NamedTuple):
    endpoint: str
    model: str
    prefix_key: str
    run: int
    session: str | None
    pieces: str


def before(database: sqlite3.Connection, asked: Asked, pieces: Sequence[Piece]) -> Before:
    """Look for the same patterns first, then for a pack of the same bytes, then of the same files.

    What was sent without the context cache is compared with at the provider, which saw it.
    """
    keys = (asked.prefix_key, files_key(pieces))
    rows = _rows(database, _ASKED, *keys)
    kept = [row for row in rows if row.prefix_key == asked.prefix_key]
    if not any(_is_own(row, asked) for row in rows):
        others = [*_rows(database, _SAME, asked.session), *_same_files(database, asked, pieces)]
        rows += others
        kept = kept or [row for row in others if not row.prefix_key.startswith(UNKEPT)]
    own = next((row for row in rows if _is_own(row, asked)), None)
    last = next(iter(kept if asked.prefix_key else rows), None)
    anywhere = loads(last.pieces) if last else []
    renamed = last is not None and last.prefix_key != asked.prefix_key
    if own is None:
        return Before(anywhere=anywhere, renamed=renamed)
    sent = anywhere if own is last else loads(own.pieces)
    return Before(own.run, own.session, sent, anywhere, renamed)


def files_key(pieces: Sequence[Piece]) -> str:
    """Return what packs of the same files share, whatever patterns name them."""
    names = json.dumps(sorted(_paths(pieces)))
    return f"{UNKEPT}{sha256(names.encode()).hexdigest()[:16]}"


def _rows(database: sqlite3.Connection, query: str, *values: object) -> list[_Row]:
    return [_Row(*row) for row in database.execute(query, values)]


def _is_own(row: _Row, asked: Asked) -> bool:
    return (row.endpoint, row.model) == (asked.endpoint, asked.model)


def _same_files(
    database: sqlite3.Connection, asked: Asked, pieces: Sequence[Piece]
) -> Iterator[_Row]:
    """Yield the packs of just the files that *pieces* are, up to one of the same model."""
    paths = _paths(pieces)
    if not paths:
        return
    ends = (json.dumps(path) for path in (min(paths), max(paths)))
    openings = len(paths) + sum(path.endswith("[") for path in paths)
    for row in _rows(database, _NAMING, *ends):
        if _openings(row.pieces) == openings and _paths(loads(row.pieces)) == paths:
            yield row
            if _is_own(row, asked):
                return


def _openings(text: str) -> int:
    """Count the files in what `dumps` wrote, without reading all of it.

    One whose name ends in `[` counts twice.
    """
    return text.count('["') - text.count('["",')


def _paths(pieces: Sequence[Piece]) -> set[str]:
    return {piece.path for piece in pieces if piece.path}
