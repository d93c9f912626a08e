"""Found files to one packed text: their order, the bound, what was left out and why.

The text is a header, the files, and at the end the names of those left out, parted by empty
lines and without a line end after the last line. It is written piece by piece, so that a pack of
any size needs the memory of one file; only a bounded pack is held, up to its bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ccw.context.pack.reading import Part, Unusable
from ccw.context.pack.render import HEADER, left_out
from ccw.context.scope import FoundFile, Skipped

GAP = b"\n\n"
Write = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a pack: where its part (with fences) lies in it, in bytes, and which lines."""

    path: str
    offset: int
    bytes: int
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What a pack holds. `prefix_bytes` is the length of the part worth caching."""

    files: tuple[PackedFile, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    total_bytes: int
    prefix_bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The files in the order of the pack; the first `prefix` of them are its cached prefix."""

    files: tuple[FoundFile, ...]
    prefix: int


def plan(
    files: Iterable[FoundFile], file_patterns: Sequence[str] = (), layout: str = "path"
) -> Plan:
    """Return the order of *files*: first those that *file_patterns* match, if given."""
    ordered = order(files, layout)
    if not file_patterns:
        return Plan(ordered, len(ordered))
    from ccw.context.pack.prefix import prefix_matcher

    matches = prefix_matcher(file_patterns)
    first = [file for file in ordered if matches(file.path)]
    return Plan((*first, *(file for file in ordered if not matches(file.path))), len(first))


def order(
    files: Iterable[FoundFile], layout: str, previous: Sequence[str] = ()
) -> tuple[FoundFile, ...]:
    """Return *files* in the order of *layout*; every layout sorts by path until it has its own.

    *previous* names the paths of the last pack of the same patterns, in its order.
    """
    del layout, previous
    return tuple(sorted(files, key=lambda file: file.path))


def write_pack(
    results: Iterable[Part | Unusable],
    write: Write,
    *,
    prefix: int,
    skipped: Sequence[Skipped] = (),
) -> Summary:
    """Write the pack of *results* piece by piece; *skipped* were left out before reading.

    *results* stand in the order of the plan whose first *prefix* files are the cached prefix.
    Without any part and anything left out nothing is written.
    """
    writer = _Writer(write)
    missing = list(skipped)
    prefix_bytes = 0
    total = 0
    for total, result in enumerate(results, 1):
        if isinstance(result, Part):
            writer.add(result)
        else:
            missing.append(result.skipped)
        if total == prefix:
            prefix_bytes = writer.position
    missing.sort(key=lambda item: item.path)
    writer.end(left_out(missing))
    whole = prefix >= total
    return Summary(
        tuple(writer.files),
        tuple(missing),
        tuple(writer.notes),
        writer.position,
        writer.position if whole else prefix_bytes,
    )


class _Writer:
    """Counts what it passes on; the header comes with the first piece."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.position = 0
        self.files: list[PackedFile] = []
        self.notes: list[str] = []

    def add(self, part: Part) -> None:
        self._piece(part.data)
        self.notes.extend(part.notes)
        if not part.pinned:
            offset = self.position - len(part.data)
            self.files.append(PackedFile(part.file.path, offset, len(part.data), part.lines))

    def end(self, block: bytes) -> None:
        if block:
            self._piece(block)

    def _piece(self, data: bytes) -> None:
        head = HEADER + GAP if self.position == 0 else GAP
        self._write(head)
        self._write(data)
        self.position += len(head) + len(data)
