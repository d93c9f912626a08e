"""One found file to its part of the pack, or the reason why it is left out."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from ccw.context.lines import merge_ranges
from ccw.context.pack.decode import count_lines, cut_lines, decode
from ccw.context.pack.render import quote_path, render
from ccw.context.scope import UNSEEN, FoundFile, Skipped, stamp_of

Read = Callable[[int, int], bytes]  # os.read, or what a test puts in its place
# -> descriptor and status of a regular file, containment checked
Open = Callable[[FoundFile], tuple[int, os.stat_result]]

ATTEMPTS = 2
BINARY = "binary"
CHANGING = "it changed twice while it was read"
GONE = "deleted while it was packed"


class Part(NamedTuple):
    """A file as it stands in the pack; `file.stamp` is the one that belongs to `data`."""

    file: FoundFile
    data: bytes  # fenced, without a line end after the closing fence
    lines: tuple[tuple[int, int], ...] = ()  # those shown, of those that were asked for
    notes: tuple[str, ...] = ()
    pinned: bool = False  # the user's own text: no file, and never left out


class Unusable(NamedTuple):
    """A file that was read and cannot be shown; `file.stamp` says which state of it."""

    file: FoundFile
    reason: str
    by_content: bool = False  # the same bytes are unusable again

    @property
    def skipped(self) -> Skipped:
        """How it is reported."""
        return Skipped(self.file.path, self.reason)


class Superseded(NamedTuple):
    """An earlier copy of a file that keeps its place in an overlay, though it counts no more."""

    path: str
    data: bytes  # fenced, as in `Part`


Piece = Part | Unusable | Superseded


def read_part(
    file: FoundFile, open_file: Open, max_file_size: int, read: Read = os.read
) -> Part | Unusable:
    """Read *file* and fence it; a change while reading is given one more try. Size in bytes."""
    try:
        reading = _read_steady(file, open_file, max_file_size, read)
    except FileNotFoundError:
        return Unusable(file, GONE)
    except OSError as error:
        return Unusable(file, f"not readable: {error.strerror or error}")
    if reading is None:
        return Unusable(file, CHANGING)
    file, data = reading
    if len(data) > max_file_size:
        return Unusable(file, too_large(max_file_size, file.stamp.size), by_content=True)
    return _part(file, data)


def too_large(max_file_size: int, size: int) -> str:
    """Return the reason why a file of *size* bytes, over *max_file_size*, is left out."""
    return f"larger than {max_file_size:,} bytes: {size:,} (--max-file-size)"


def _read_steady(
    file: FoundFile, open_file: Open, limit: int, read: Read
) -> tuple[FoundFile, bytes] | None:
    """Return *file* with its bytes (at most limit + 1), or None when it keeps changing.

    The stamp of the walk, if it took one, is the one before the first reading, the stamp after it
    the one before the second.
    """
    path, location, before, lines = file
    for _ in range(ATTEMPTS):
        descriptor, status = open_file(file)
        if before == UNSEEN:
            before = stamp_of(status)
        try:
            data = _read(descriptor, min(before.size, limit), read)
            after = stamp_of(os.fstat(descriptor))
        finally:
            os.close(descriptor)
        if after == before and len(data) == min(after.size, limit + 1):
            return FoundFile(path, location, before, lines), data
        before = after
    return None


def _read(descriptor: int, size: int, read: Read) -> bytes:
    """Return the file's bytes, one more than *size* if there are."""
    data = more = read(descriptor, size + 1)
    if len(data) == size:  # the whole file as its size promised, in one call
        return data
    while more and len(data) <= size:
        more = read(descriptor, size + 1 - len(data))
        data += more
    return data


def _part(file: FoundFile, data: bytes) -> Part | Unusable:
    decoded = decode(data)
    if decoded is None:
        return Unusable(file, BINARY, by_content=True)
    text, guess = decoded
    notes = (f"{quote_path(file.path)}: read as {guess} (a guess)",) if guess else ()
    if not file.lines:
        return Part(file, render(file.path, text), (), notes)
    return _cut_part(file, text, notes)


def _cut_part(file: FoundFile, text: bytes, notes: tuple[str, ...]) -> Part | Unusable:
    total = count_lines(text)
    asked = merge_ranges(file.lines)
    there = tuple((first, min(last, total)) for first, last in asked if first <= total)
    if not there:
        one = len(asked) == 1 and asked[0][0] == asked[0][1]
        gone = f"line {_shown(asked)} does" if one else f"lines {_shown(asked)} do"
        reason = f"its {gone} not exist: it has {total}"
        return Unusable(file, reason, by_content=True)
    if there != asked:
        name = quote_path(file.path)
        notes = (*notes, f"{name}: lines {_shown(asked)} asked for, it has {total}")
    return Part(file, render(file.path, cut_lines(text, there), there), there, notes)


def _shown(ranges: tuple[tuple[int, int], ...]) -> str:
    return ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in ranges)
