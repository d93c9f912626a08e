"""Where two packs part, found by the digests of their pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccw.context.pack.assemble import PackedFile
from ccw.context.session import PackedContext
from ccw.history.pieces import (
    AFTER,
    HEADER,
    LEFT_OUT,
    SUPERSEDED,
    Difference,
    Piece,
    difference,
    dumps,
    loads,
    pieces_of,
)
from ccw.history.traces import Changes, changes_between

HEAD = Piece("", "head", 4, "head", HEADER)
A, B, C = (
    Piece(name, f"{name}1", end, f"{name}2") for name, end in (("a", 9), ("b", 19), ("c", 29))
)
END = Piece("", "", 31, "end", LEFT_OUT)
EDITED = Piece("b", "b!", 21, "b!")
OTHER_END = END._replace(digest="x", upto="other")
OTHER_HEAD = HEAD._replace(upto="other", end=6)
OLD = (A, B)  # as an older log has them: without header and end


@pytest.mark.parametrize(
    ("sent", "now", "exact", "expected"),
    [
        pytest.param([HEAD, A, B, END], [HEAD, A, B, END], None, None, id="the-same"),
        pytest.param([HEAD, A, B, END], [HEAD, A, B, END], 31, None, id="the-same-as-known"),
        pytest.param([HEAD, A, B], [HEAD, A, B, C, END], None, None, id="appended"),
        pytest.param([HEAD, A, B], [HEAD, A, B, C, END], 19, None, id="appended-as-known"),
        pytest.param(
            [HEAD, A, B, END], [HEAD, A, EDITED, OTHER_END], 12, (12, 12, EDITED, B), id="the-byte"
        ),
        pytest.param(
            [HEAD, A, B, END],
            [HEAD, A, EDITED, OTHER_END],
            None,
            (9, 19, EDITED, B),
            id="the-piece",
        ),
        pytest.param(
            [HEAD, A, B], [OTHER_HEAD, EDITED], None, (0, 4, OTHER_HEAD, HEAD), id="the-header"
        ),
        pytest.param([HEAD, A, B], [HEAD, A], None, (9, 9, None, B), id="cut-off"),
        pytest.param(OLD, [HEAD, A, EDITED, END], None, (9, 19, EDITED, B), id="older"),
        pytest.param(OLD, [HEAD, EDITED, END], None, (0, 9, EDITED, A), id="older-first-file"),
    ],
)
def test_the_difference(
    sent: list[Piece], now: list[Piece], exact: int | None, expected: tuple[object, ...] | None
) -> None:
    assert difference(sent, now, exact) == expected


def test_a_copy_that_counts_no_more_is_no_file() -> None:
    old = Piece("", "b1", 19, "b2", SUPERSEDED)
    assert changes_between([A, B, END], [A, old, EDITED, END]).changed == ("b",)
    assert changes_between([A, B, END], [A, old, END]).removed == ("b",)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param([A, END], [A, END], Changes(), id="the-same"),
        pytest.param([A, END], [A, OTHER_END], Changes(left_out=True), id="others"),
        pytest.param(OLD, [*OLD, OTHER_END], Changes(), id="not-known-of-an-older-one"),
    ],
)
def test_others_are_left_out(before: list[Piece], now: list[Piece], expected: Changes) -> None:
    assert changes_between(before, now) == expected


def pack(text: bytes, after: bytes = b"") -> PackedContext:
    return PackedContext(b"head\n\n" + text + after, files=(PackedFile("a", 6, len(text)),))


def test_pieces_are_read_as_they_were_written() -> None:
    pieces = pieces_of(pack(b"word\n" * 5000, b"\n\nmore"))
    assert loads(dumps(pieces)) == pieces
    assert [piece.part for piece in pieces] == [HEADER, "file", AFTER, LEFT_OUT]
    assert pieces[-1].end == len(b"head\n\n\n\nmore") + 25000


@pytest.mark.parametrize("size", [1, 16384, 16385, 262144, 262145, 1_000_000])
def test_pieces_have_few_chunks(size: int) -> None:
    (_, piece, _) = pieces_of(pack(b"x" * size))
    assert len(piece.chunks) <= 16
    assert all(6 < place < piece.end for place, _ in piece.chunks)
    assert size <= 16384 or piece.end - piece.chunks[-1][0] <= max(16384, size // 8)


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(1, 600_000),
    place=st.floats(0, 1, exclude_max=True),
    more=st.integers(0, 100_000),
)
def test_the_difference_lies_between(size: int, place: float, more: int) -> None:
    """An edit of one byte and what is appended, in a file of any size."""
    text = b"x" * size
    at = int(size * place)
    edited = text[:at] + b"y" + text[at + 1 :] + b"z" * more
    found = difference(pieces_of(pack(text)), pieces_of(pack(edited)))
    assert found is not None
    assert isinstance(found, Difference)
    assert found.low <= 6 + at < found.high
    assert found.high - found.low <= max(16384, (size + more) // 4)
