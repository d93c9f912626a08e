"""What was read, and the pack before, to the next pack with its cache marks; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ccw.context.pack.assemble import Summary, write_pack
from ccw.context.pack.layouts import Arranged, Earlier, Result, arrange
from ccw.context.pack.marks import Edge, Layer, cuts_of, marks_of, merged
from ccw.context.scope import Skipped


@dataclass(frozen=True, slots=True)
class Made:
    """A pack in memory, the ends of its blocks, and which of these bear a cache mark.

    `first_difference` is the first byte that the earlier pack has otherwise, None without one.
    """

    content: bytes
    arranged: Arranged
    summary: Summary
    cuts: tuple[int, ...]
    marks: tuple[int, ...]
    first_difference: int | None = None


def make(
    results: Sequence[Result],
    prefix: int,
    layout: str,
    earlier: Earlier | None = None,
    *,
    skipped: Sequence[Skipped] = (),
    room_bytes: int | None = None,
    least_marked: int = 0,
) -> Made:
    """Return the pack of *results*, whose first *prefix* are a group of their own.

    An overlay larger than *room_bytes* is compacted, whatever share of it is superseded. Only the
    end is marked before *least_marked*, in bytes.
    """
    made = _arranged_as(layout, results, prefix, layout, earlier, skipped, least_marked)
    too_large = room_bytes is not None and len(made.content) > room_bytes
    if too_large and made.summary.superseded:
        made = _arranged_as("stable", results, prefix, layout, earlier, skipped, least_marked)
    return made


def _arranged_as(
    order: str,
    results: Sequence[Result],
    prefix: int,
    layout: str,
    earlier: Earlier | None,
    skipped: Sequence[Skipped],
    least_marked: int,
) -> Made:
    arranged = arrange(results, prefix, order, earlier)
    pieces: list[bytes] = []
    summary = write_pack(
        *(arranged.pieces, pieces.append),
        prefix=arranged.prefix,
        skipped=skipped,
        layout=layout,
    )
    return _marked(layout, b"".join(pieces), arranged, summary, earlier, least_marked)


def _marked(
    layout: str,
    content: bytes,
    arranged: Arranged,
    summary: Summary,
    earlier: Earlier | None,
    least_marked: int,
) -> Made:
    edges = _edges(summary)
    same = earlier.same_bytes(content) if earlier else None
    ends = [edge.end for edge in edges]
    places = {*ends, summary.prefix_bytes}
    if earlier and content == earlier.content and places.issuperset(earlier.cuts):
        return Made(content, arranged, summary, earlier.cuts, earlier.marks, same)
    known = frozenset(earlier.cuts if earlier else ())
    held = [end for end in ends if end in known and end <= (same or 0)]
    layer = Layer(edges, summary.prefix_bytes, held, least_marked)
    cuts = cuts_of(layer)
    marks = marks_of(layout, layer, cuts)
    cuts = merged(cuts, {*marks, *(earlier.marks if earlier else ())})
    return Made(content, arranged, summary, cuts, marks, same)


def _edges(summary: Summary) -> list[Edge]:
    """Return the ends of all copies in the cached prefix."""
    current = [Edge(file.offset + file.bytes, file.path) for file in summary.files]
    old = [Edge(file.offset + file.bytes, file.path, True) for file in summary.superseded]
    return [edge for edge in sorted((*current, *old)) if edge.end <= summary.prefix_bytes]
