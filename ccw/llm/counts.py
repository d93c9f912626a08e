"""Token counts of texts, each text counted once: counts are kept on disk by the text's digest.

Nothing that goes wrong with the kept counts is told: they only save time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.llm.tokens import TokenCount, Tokenizer, tokenizer_for

if TYPE_CHECKING:
    import sqlite3

COUNTS_FILE = "tokens.db"  # in the user's own folder
KEPT = 100_000  # counts, some 5 MB; the oldest are dropped
LOCK_SECONDS = 1.0
WHITE_OR_SLASH = frozenset(b" \t\n\r\v\f/")
_CREATE = "CREATE TABLE IF NOT EXISTS counts (key BLOB PRIMARY KEY, tokens INTEGER NOT NULL)"
_TRIM = "DELETE FROM counts WHERE rowid <= (SELECT max(rowid) FROM counts) - ?"


class Counter:
    """Counts texts with one tokenizer, which is loaded when the first count is not known."""

    def __init__(self, tokenizer: Tokenizer, database: sqlite3.Connection | None = None) -> None:
        self._tokenizer = tokenizer
        self._database = database
        self.new: dict[bytes, int] = {}

    @property
    def exact(self) -> bool:
        """Whether the counts are those of the model's own tokenizer."""
        return self._tokenizer.exact

    def count(self, text: bytes) -> int:
        """Return the tokens of *text*, which is UTF-8."""
        key = blake2b(text, digest_size=16, person=self._tokenizer.name.encode()[:16]).digest()
        known = self.new.get(key)
        if known is None:
            known = self._kept(key)
        if known is None:
            known = self.new[key] = self._tokenizer.count(text.decode("utf-8")).tokens
        return known

    def count_all(self, texts: Sequence[bytes]) -> TokenCount:
        """Return the tokens of *texts* together."""
        return TokenCount(sum(map(self.count, texts)), self.exact)

    def _kept(self, key: bytes) -> int | None:
        if self._database is None:
            return None
        import sqlite3

        try:
            row = self._database.execute("SELECT tokens FROM counts WHERE key = ?", (key,))
            return next((tokens for (tokens,) in row if isinstance(tokens, int)), None)
        except sqlite3.Error:
            self._database = None
            return None


@contextmanager
def open_counter(model: str, folder: Path | None) -> Iterator[Counter]:
    """Give a counter for *model*; counts are kept in *folder*, or not at all without one."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(_opened(folder / COUNTS_FILE)) if folder else None
        counter = Counter(tokenizer_for(model), database)
        yield counter
        if database is not None and counter.new:
            _keep(database, counter.new)


def cut(text: bytes, positions: Sequence[int]) -> list[bytes]:
    """Return *text* in pieces whose tokens add up to those of the whole, cut at *positions*.

    A cut is made only after a line end and before visible text: no token of the tokenizers known
    here reaches over such a place.
    """
    safe = [place for place in sorted({*positions}) if _is_safe(text, place)]
    edges = [0, *safe, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def _is_safe(text: bytes, place: int) -> bool:
    inside = 0 < place < len(text)
    return inside and text[place - 1] == ord("\n") and text[place] not in WHITE_OR_SLASH


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    import sqlite3

    try:
        database = _connected(path)
    except (OSError, sqlite3.Error):
        yield None
        return
    try:
        yield database
    finally:
        database.close()


def _connected(path: Path) -> sqlite3.Connection:
    import sqlite3

    path.parent.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    database = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        database.execute("PRAGMA synchronous = OFF")  # what a power cut destroys is counted again
        database.execute(_CREATE)
    except sqlite3.Error as error:
        database.close()
        if not isinstance(error, sqlite3.OperationalError):  # broken: made new the next time
            path.unlink()
        raise
    return database


def _keep(database: sqlite3.Connection, counts: dict[bytes, int]) -> None:
    import sqlite3

    with contextlib.suppress(sqlite3.Error):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT OR REPLACE INTO counts VALUES (?, ?)", counts.items())
        database.execute(_TRIM, (KEPT,))
        database.execute("COMMIT")
