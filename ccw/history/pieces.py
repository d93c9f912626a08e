"""A pack as pieces with digests: enough to find where two packs part, without the text of either.

Where one pack differs from another is found to the piece, and within a long one to a sixteenth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from ccw.context.pack.assemble import GAP
from ccw.context.pack.render import LEFT_OUT as LEFT_OUT_TITLE

if TYPE_CHECKING:
    from ccw.context.session import PackedContext

HEADER, FILE, SUPERSEDED = "header", "file", "superseded"
AFTER, LEFT_OUT = "after the files", "left out"
CHUNKS = 16  # of a piece at most, each of at least so many bytes:
CHUNK_BYTES = 16384
Chunk = tuple[int, str]


class Piece(NamedTuple):
    """A part of a pack: its digest, where it ends, and a digest of all up to there.

    `path` is that of a file that counts. `chunks` are places within, each with a digest of the
    piece up to there.
    """

    path: str
    digest: str
    end: int
    upto: str
    part: str = FILE
    chunks: tuple[Chunk, ...] = ()


class Difference(NamedTuple):
    """The bytes between which two packs differ first, equal when it is known to the byte.

    `now` is the piece that stands there and `then` the one that stood there; None for none.
    """

    low: int
    high: int
    now: Piece | None
    then: Piece | None

    @property
    def exact(self) -> int | None:
        """The first byte that differs, None when it is not known to the byte."""
        return self.low if self.low == self.high else None


def pieces_of(pack: PackedContext) -> list[Piece]:
    """Return the pieces of *pack* in order; the last one is the list of what was left out."""
    view, upto, place = memoryview(pack.content), "", 0
    pieces = []
    for start, end, path, part in _spans(pack):
        digest, chunks = _digests(view, start, end)
        whole = digest_of(upto.encode() + bytes(view[place:start]) + digest.encode())
        pieces.append(Piece(path, digest, end, whole, part, chunks))
        if part != HEADER:  # the first file's digest counts it in, as it always did
            upto, place = whole, end
    return pieces


def difference(
    sent: Sequence[Piece], now: Sequence[Piece], exact: int | None = None
) -> Difference | None:
    """Return where the pieces *now* differ from those *sent*; None when they begin with them.

    *exact* is the first byte that differs between just these two packs, where that is known.
    """
    if exact is None:
        return _nearest(sent, now)
    if exact >= sent[-1].end:
        return None
    return Difference(exact, exact, _behind(now, exact), _behind(sent, exact))


def loads(text: str) -> list[Piece]:
    """Return the pieces in *text*, as `dumps` wrote them; none where it is something else."""
    try:
        return _known(json.loads(text))
    except (ValueError, TypeError, LookupError):  # not as ccw wrote it: as if not there
        return []


def dumps(pieces: Sequence[Piece]) -> str:
    """Return *pieces* as ASCII; surrogates of undecodable names survive."""
    rows = [piece if piece.part != FILE or piece.chunks else piece[:4] for piece in pieces]
    return json.dumps(rows, separators=(",", ":"))


def digest_of(data: bytes | memoryview) -> str:
    """Return a digest of *data*, 16 hexadecimal digits."""
    return sha256(data).hexdigest()[:16]


def _spans(pack: PackedContext) -> Iterator[tuple[int, int, str, str]]:
    old = [(file.offset, file.offset + file.bytes, "", SUPERSEDED) for file in pack.superseded]
    new = [(file.offset, file.offset + file.bytes, file.path, FILE) for file in pack.files]
    spans = sorted(old + new)
    if spans:
        yield 0, spans[0][0], "", HEADER
    yield from spans
    last, end = spans[-1][1] if spans else 0, len(pack.content)
    listed = max(last, pack.content.rfind(GAP + LEFT_OUT_TITLE)) if pack.skipped else end
    if listed > last:
        yield last, listed, "", AFTER
    yield listed, end, "", LEFT_OUT


def _digests(view: memoryview, start: int, end: int) -> tuple[str, tuple[Chunk, ...]]:
    """Return the digest of a piece and its chunks; they end where those of its next state do."""
    size = end - start
    if size <= CHUNK_BYTES:
        return digest_of(view[start:end]), ()
    step = max(CHUNK_BYTES, 1 << (size // CHUNKS - 1).bit_length())
    so_far, chunks = sha256(), []
    for place in range(start, end - step, step):
        so_far.update(view[place : place + step])
        chunks.append((place + step, so_far.copy().hexdigest()[:16]))
    so_far.update(view[start + len(chunks) * step : end])
    return so_far.hexdigest()[:16], tuple(chunks)


def _nearest(sent: Sequence[Piece], now: Sequence[Piece]) -> Difference | None:
    """Compare by digests."""
    same = {(piece.end, piece.upto) for piece in now}
    common = max((piece.end for piece in sent if (piece.end, piece.upto) in same), default=0)
    then = _behind(sent, common)
    if then is None:
        return None
    here = _behind(now if sent[0].part == HEADER else _without_header(now), common)
    if here is None:
        return Difference(common, common, None, then)
    low, high = common, min(here.end, then.end)
    known = dict(here.chunks)
    for place, digest in then.chunks:
        if known.get(place) == digest:
            low = place
        elif place in known:
            high = place
            break
    return Difference(low, high, here, then)


def _behind(pieces: Sequence[Piece], place: int) -> Piece | None:
    """Return the piece that holds the byte *place*, None where there is none."""
    return next((piece for piece in pieces if piece.end > place), None)


def _without_header(pieces: Sequence[Piece]) -> Sequence[Piece]:
    return [piece for piece in pieces if piece.part != HEADER]


def _known(rows: list[Any]) -> list[Piece]:
    """Return what stands in *rows*; earlier versions wrote four columns of each.

    What those held of a pack's end is not comparable.
    """
    if not all(isinstance(row[0], str) and isinstance(row[2], int) for row in rows):
        return []
    pieces = [_piece(*row) for row in rows]
    return pieces[:-1] if all(len(row) == 4 for row in rows) else pieces


def _piece(path: str, digest: str, end: int, upto: str, *more: Any) -> Piece:
    part, chunks = more or (FILE if path else SUPERSEDED, ())
    return Piece(path, digest, end, upto, part, tuple((place, so_far) for place, so_far in chunks))
