"""Found files to one packed text: their order, the bound, what was left out and why.

The text is a header, the files, and at the end the names of those left out, parted by empty
lines and without a line end after the last line. It is written piece by piece, so that a pack of
any size needs the memory of one file; only a bounded pack is held, up to its bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ccw.context.pack.reading import Part, Piece, Superseded, Unusable
from ccw.context.pack.render import GONE, REPLACED, header_of, left_out, superseded
from ccw.context.scope import FoundFile, Skipped

GAP = b"\n\n"
LONG_END = 4096  # bytes
Write = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a pack: where its part (with fences) lies in it, in bytes, and which lines."""

    path: str
    offset: int
    bytes: int
    lines: tuple[tuple[int, int], ...] = ()


class Summary(NamedTuple):
    """What a pack holds. `prefix_bytes` is the length of the part worth caching.

    `superseded` are the copies that count no more. The end of an overlay, which tells what is
    replaced, gone and left out, is worth caching only when it is long: the next pack changes it.
    """

    files: tuple[PackedFile, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    total_bytes: int
    prefix_bytes: int
    superseded: tuple[PackedFile, ...] = ()


class Plan(NamedTuple):
    """The files by path, in two groups; the first `prefix` of them are its cached prefix."""

    files: tuple[FoundFile, ...]
    prefix: int


def plan(files: Iterable[FoundFile], file_patterns: Sequence[str] = ()) -> Plan:
    """Return *files* by path: first those that *file_patterns* match, if given."""
    ordered = tuple(sorted(files, key=lambda file: file.path))
    if not file_patterns:
        return Plan(ordered, len(ordered))
    from ccw.context.pack.prefix import prefix_matcher

    matches = prefix_matcher(file_patterns)
    first = [file for file in ordered if matches(file.path)]
    return Plan((*first, *(file for file in ordered if not matches(file.path))), len(first))


def write_pack(
    pieces: Iterable[Piece],
    write: Write,
    *,
    prefix: int,
    skipped: Sequence[Skipped] = (),
    layout: str = "path",
) -> Summary:
    """Write the pack of *pieces* one by one; *skipped* were left out before reading.

    The first *prefix* of the pieces are the cached prefix. Without any part and anything left out
    nothing is written.
    """
    writer = _Writer(write, header_of(layout))
    missing = list(skipped)
    prefix_bytes, whole = _write_pieces(writer, pieces, prefix, missing)
    missing.sort(key=lambda item: item.path)
    for block in (*_superseded_blocks(writer), left_out(missing)):
        writer.end(block)
    if whole and (layout != "overlay" or writer.position - prefix_bytes >= LONG_END):
        prefix_bytes = writer.position
    return Summary(
        files=tuple(writer.files),
        skipped=tuple(missing),
        notes=tuple(writer.notes),
        total_bytes=writer.position,
        prefix_bytes=prefix_bytes,
        superseded=tuple(writer.superseded),
    )


def _write_pieces(
    writer: _Writer, pieces: Iterable[Piece], prefix: int, missing: list[Skipped]
) -> tuple[int, bool]:
    """Write *pieces*, add the unusable to *missing*; return where the prefix ends, if it is all."""
    prefix_end = total = 0
    for total, piece in enumerate(pieces, 1):
        if isinstance(piece, Unusable):
            missing.append(piece.skipped)
        else:
            writer.add(piece)
        if total == prefix:
            prefix_end = writer.position
    whole = prefix >= total
    return writer.position if whole else prefix_end, whole


def _superseded_blocks(writer: _Writer) -> tuple[bytes, bytes]:
    earlier = {file.path for file in writer.superseded}
    current = {file.path for file in writer.files} if earlier else set()
    replaced = superseded(REPLACED, sorted(earlier & current))
    return replaced, superseded(GONE, sorted(earlier - current))


class _Writer:
    """Counts what it passes on; the header comes with the first piece."""

    def __init__(self, write: Write, header: bytes) -> None:
        self._write = write
        self._header = header
        self.position = 0
        self.files: list[PackedFile] = []
        self.superseded: list[PackedFile] = []
        self.notes: list[str] = []

    def add(self, piece: Part | Superseded) -> None:
        if isinstance(piece, Superseded):
            path, data = piece
            self.superseded.append(PackedFile(path, self._put(data), len(data)))
            return
        file, data, lines, notes, pinned = piece
        offset = self._put(data)
        self.notes += notes
        if not pinned:
            self.files.append(PackedFile(file.path, offset, len(data), lines))

    def end(self, block: bytes) -> None:
        if block:
            self._put(block)

    def _put(self, data: bytes) -> int:
        """Write *data* behind a gap, and return where it begins."""
        head = GAP if self.position else self._header + GAP
        self._write(head)
        self._write(data)
        offset = self.position + len(head)
        self.position = offset + len(data)
        return offset
