"""Where a pack is cut into blocks, and which of them bear a provider's cache mark; pure.

A provider that stores a prefix only at a mark finds it again only where an earlier request had put
one. Whether all before it has to be cut into the same blocks, too, Anthropic does not document. So
cuts are ends of parts that stay where they are as long as the bytes before them do, and marks stand
on cuts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

MAX_MARKS = 4
BLOCKS = 6  # into which a new pack is cut
MANY_BLOCKS = 20  # as far as Anthropic looks back from a mark; more are merged
FEW_BLOCKS = 10  # left then, so that it is done rarely


class Edge(NamedTuple):
    """The end of a copy, in bytes from the start of the pack."""

    end: int
    path: str
    superseded: bool = False


class Layer(NamedTuple):
    """What marks depend on, in bytes: the ends of the copies in the cached prefix, and its own.

    `held` are the cuts of the pack before that stand where both packs are still the same; before
    `least` a mark is worth nothing.
    """

    edges: Sequence[Edge]
    prefix_bytes: int
    held: Sequence[int] = ()
    least: int = 0


def cuts_of(layer: Layer) -> tuple[int, ...]:
    """Return the ends of the blocks of the cached prefix, ascending; the last one is its end.

    What is new is cut into blocks of about a sixth of the whole. The path's hash chooses between
    neighbouring edges, so that most cuts stay on the same files when others grow.
    """
    if not layer.edges or not layer.prefix_bytes:
        return ()
    end = layer.edges[-1].end
    return tuple(sorted({*layer.held, *_new_cuts(layer, end), end, layer.prefix_bytes}))


def marks_of(layout: str, layer: Layer, cuts: Sequence[int]) -> tuple[int, ...]:
    """Return those of *cuts* that bear a mark: at most 4, ascending, the last one the end."""
    if not cuts:
        return ()
    wanted = _overlay_marks(layer, cuts) if layout == "overlay" else _marks(layer, cuts)
    # where wishes meet on one cut, or come too early, a mark is left for another
    places = (place for place in (*wanted, *reversed(cuts)) if place >= layer.least)
    chosen = dict.fromkeys(place for place in (cuts[-1], *places) if place)
    return tuple(sorted(list(chosen)[:MAX_MARKS]))


def merged(cuts: Sequence[int], needed: Collection[int]) -> tuple[int, ...]:
    """Return *cuts*, or the few that leave the largest blocks once they are many.

    Those *needed* stay, as does the last one. A provider looks back over a number of blocks only;
    should other blocks be another prefix to it, as is not documented, that is paid rarely.
    """
    left = list(cuts)
    while len(cuts) > MANY_BLOCKS and len(left) > FEW_BLOCKS:
        blocks = zip((0, *left), left, left[1:], strict=False)
        sizes = {cut: after - before for before, cut, after in blocks if cut not in needed}
        if not sizes:
            break
        left.remove(min(sizes, key=sizes.__getitem__))
    return tuple(left)


def _new_cuts(layer: Layer, end: int) -> Iterator[int]:
    start = max(layer.held, default=0)
    new = [edge for edge in layer.edges if start < edge.end]
    blocks = max(1, round(BLOCKS * (end - start) / end))
    step = (end - start) / blocks
    for number in range(1, blocks):
        place = start + step * number
        near = [edge for edge in new if -step / 2 <= edge.end - place < step / 2]
        if near:
            yield min(near, key=_rank).end


def _rank(edge: Edge) -> bytes:
    return blake2b(edge.path.encode("utf-8", "surrogateescape"), digest_size=8).digest()


def _marks(layer: Layer, cuts: Sequence[int]) -> Iterator[int]:
    """The end, what is found this time, and what may be after an edit anywhere."""
    yield layer.prefix_bytes
    yield max(layer.held, default=0)
    for share in (0.75, 0.5, 0.25):
        yield _cut_before(cuts, layer.edges[-1].end * share)


def _overlay_marks(layer: Layer, cuts: Sequence[int]) -> Iterator[int]:
    """The end, what is found this time, and what will be when the superseded copies go."""
    yield layer.prefix_bytes
    yield layer.edges[-1].end
    yield max(layer.held, default=0)
    yield _cut_before(cuts, _first_superseded(layer.edges))
    for share in (0.5, 0.75, 0.25):
        yield _cut_before(cuts, layer.edges[-1].end * share)


def _first_superseded(edges: Sequence[Edge]) -> int:
    """Return where the first superseded copy begins, 0 when there is none."""
    before = 0
    for edge in edges:
        if edge.superseded:
            return before
        before = edge.end
    return 0


def _cut_before(cuts: Sequence[int], place: float) -> int:
    return max((cut for cut in cuts if cut <= place), default=0)
