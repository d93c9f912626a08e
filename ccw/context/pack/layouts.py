"""In which order files stand in a pack, given the pack before of the same request; pure.

`path` sorts. `stable` keeps the earlier order and moves what changed to the end, `overlay` keeps
the earlier bytes and appends what changed: a provider that knows the earlier pack finds as much of
it again as can be. Without an earlier pack all of them sort by path. Only what was sent may be sent
again: of any other pack an overlay keeps the order alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ccw.context.pack.reading import Part, Piece, Superseded, Unusable

MAX_SUPERSEDED = 0.3  # of the bytes of an overlay's copies; beyond that they are dropped
_STRIDE = 4096  # bytes compared at once

Result = Part | Unusable


class Copy(NamedTuple):
    """Where a copy of a file stands in the earlier pack, in bytes."""

    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last pack of the same request: its copies in order, those in its cached prefix first.

    `cuts` and `marks` are the ends of its blocks, and of those that bore a cache mark. `sent`: the
    receiver of the next pack is known to have been sent these very bytes.
    """

    content: bytes
    copies: tuple[Copy, ...]
    prefix_bytes: int
    cuts: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()
    sent: bool = False

    def without(self, paths: Collection[str]) -> Earlier:
        """Return the same as if it had no copy of *paths*."""
        left = tuple(copy for copy in self.copies if copy.path not in paths)
        return replace(self, copies=left)

    def data(self, copy: Copy) -> bytes:
        """Return the bytes of *copy*."""
        return self.content[copy.offset : copy.offset + copy.length]

    def holds(self, copy: Copy, data: bytes) -> bool:
        """Tell whether *copy* is *data*."""
        return copy.length == len(data) and self.content.startswith(data, copy.offset)

    def same_bytes(self, content: bytes) -> int:
        """Return the number of leading bytes that the earlier pack and *content* have in common."""
        for start in range(0, len(content), _STRIDE):
            ours, theirs = (text[start : start + _STRIDE] for text in (self.content, content))
            if ours != theirs:
                pairs = enumerate(zip(ours, theirs, strict=False))
                shorter = min(len(ours), len(theirs))
                return start + next((i for i, (a, b) in pairs if a != b), shorter)
        return min(len(self.content), len(content))

    def groups(self) -> tuple[list[Copy], list[Copy]]:
        """Return the copies within the cached prefix, and the others."""
        inside = [copy for copy in self.copies if copy.offset < self.prefix_bytes]
        return inside, list(self.copies[len(inside) :])


@dataclass(frozen=True, slots=True)
class Arranged:
    """Pieces in the order of the pack; the first `prefix` of them are its cached prefix."""

    pieces: tuple[Piece, ...]
    prefix: int


def arrange(
    results: Sequence[Result],
    prefix: int,
    layout: str,
    earlier: Earlier | None = None,
) -> Arranged:
    """Return *results* in the order of *layout*; the first *prefix* are a group of their own.

    They come by path, and a text of the user last. Arranged as `stable` an overlay is compacted.
    """
    if earlier is None or layout == "path":
        return Arranged(tuple(results), prefix)
    first, rest = (
        _Group(group, earlier, copies).arranged(layout)
        for group, copies in zip(
            (results[:prefix], results[prefix:]), earlier.groups(), strict=True
        )
    )
    return Arranged((*first.pieces, *rest.pieces), first.prefix)


def superseded_share(pieces: Iterable[Piece]) -> float:
    """Return the share of superseded copies in the bytes of all copies."""
    sizes = [0, 0]
    for piece in pieces:
        if not isinstance(piece, Unusable):
            sizes[isinstance(piece, Superseded)] += len(piece.data)
    return sizes[1] / sum(sizes) if sizes[1] else 0.0


class _Group:
    """What was read of a group of files, and which copies of it the earlier pack has."""

    def __init__(self, results: Iterable[Result], earlier: Earlier, copies: Sequence[Copy]) -> None:
        self._results = results
        self._earlier = earlier
        self._copies = copies
        last = {copy.path: (place, copy) for place, copy in enumerate(copies)}
        self._unchanged: dict[int, Part] = {}  # by the place of the earlier copy
        self._others: list[Result] = []
        for result in results:
            place, copy = last.get(result.file.path, (0, None))
            if copy and isinstance(result, Part) and earlier.holds(copy, result.data):
                self._unchanged[place] = result
            else:
                self._others.append(result)

    def arranged(self, layout: str) -> Arranged:
        """Return the group in the order of *layout*."""
        appends = layout == "overlay" and self._earlier.sent
        pieces = self._overlay() if appends else self._stable()
        if superseded_share(pieces) > MAX_SUPERSEDED:
            pieces = self._stable()
        return Arranged(pieces, len(pieces))

    def _stable(self) -> tuple[Piece, ...]:
        """What is unchanged stays in its order: an overlay without its superseded copies."""
        return *(self._unchanged[place] for place in sorted(self._unchanged)), *self._others

    def _overlay(self) -> tuple[Piece, ...]:
        kept = (
            self._unchanged.get(place) or Superseded(copy.path, self._earlier.data(copy))
            for place, copy in enumerate(self._copies)
        )
        return *kept, *self._others
