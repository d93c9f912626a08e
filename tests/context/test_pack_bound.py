"""The bound of a packed context: exact, checked first, told with numbers."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.context.files.find import FoundFile, Skipped, Stamp
from ccw.context.pack.assemble import write_pack
from ccw.context.pack.bound import Bound, Over, keep_within
from ccw.context.pack.reading import Part, Unusable
from ccw.context.pack.render import render
from ccw.errors import ContextTooLarge

NO_STAMP = Stamp(0, 0, 0, 0)


def part(path: str, size: int, *, pinned: bool = False) -> Part:
    data = render(path, b"x" * size + b"\n")
    return Part(FoundFile(path, "", NO_STAMP), data, pinned=pinned)


def packed_size(results: list[Part | Unusable], skipped: list[Skipped]) -> int:
    return write_pack(results, lambda _: None, prefix=0, skipped=skipped).total_bytes


def test_over_the_bound_says_by_how_much_and_what_to_do() -> None:
    parts = [part("a", 100), part("b c", 5000), part("d", 3000), part("e", 2000)]
    with pytest.raises(ContextTooLarge) as caught:
        keep_within(parts, Bound(2048))
    size = packed_size(list(parts), [])
    assert str(caught.value) == (
        f"the packed context has {size:,} bytes, {size - 2048:,} more than the limit of 2 KB; "
        'largest: "b c" (5,013), d (3,009), e (2,009); narrow the patterns, raise the limit with '
        "--max-size KB or the endpoint's maxSizeKB, or leave out the largest files with --over drop"
    )
    assert caught.value.exit_code == 7


def test_the_bound_itself_fits() -> None:
    parts: list[Part | Unusable] = [part("a", 100), part("b", 200)]
    size = packed_size(parts, [])
    assert keep_within(parts, Bound(size)) == parts
    with pytest.raises(ContextTooLarge, match="1 more than"):
        keep_within(parts, Bound(size - 1))


def test_drop_leaves_out_the_largest_and_names_them() -> None:
    parts = [part("a", 300), part("big", 5000), part("c", 200), part("huge", 9000)]
    kept = keep_within(parts, Bound(1024, "drop"), [Skipped("x", "binary")])
    assert kept == [
        parts[0],
        Unusable(parts[1].file, "over the limit of 1 KB, 5,011 bytes itself"),
        parts[2],
        Unusable(parts[3].file, "over the limit of 1 KB, 9,012 bytes itself"),
    ]


@pytest.mark.parametrize("over", ["fail", "drop"])
def test_what_the_user_typed_is_never_dropped(over: Over) -> None:
    parts = [part("a", 300), part("<text>", 5000, pinned=True)]
    with pytest.raises(ContextTooLarge) as caught:
        keep_within(parts, Bound(1024, over))
    assert str(caught.value).endswith(
        "; 5,014 bytes of it are the text given beside the files: shorten that, or raise the limit "
        "with --max-size KB or the endpoint's maxSizeKB"
    )


def test_where_nothing_more_can_be_dropped_no_dropping_is_advised() -> None:
    parts = [part("a", 300), part("<text>", 900, pinned=True)]
    with pytest.raises(ContextTooLarge) as caught:
        keep_within(parts, Bound(1024, "drop"))
    assert str(caught.value).endswith(
        "; no more can be left out: narrow the patterns, or raise the limit with --max-size KB or "
        "the endpoint's maxSizeKB"
    )


def test_any_number_of_small_files_can_be_dropped() -> None:
    """Naming ten thousand of them would be over the bound by itself."""
    parts = [part(f"folder/file-{i:05}", 200 + i % 100) for i in range(10_000)]
    kept = keep_within(parts, Bound(50_000, "drop"))
    pieces: list[bytes] = []
    summary = write_pack(kept, pieces.append, prefix=0)
    inside, outside = len(summary.files), len(summary.skipped)
    assert inside + outside == 10_000
    assert inside > 100
    assert summary.total_bytes <= 50_000
    assert b"".join(pieces).endswith(
        f"\n\nLeft out:\n- {outside:,} files: over the limit of 48.83 KB".encode()
    )


SIZES = st.lists(st.integers(0, 3000), max_size=12)


@given(SIZES, st.integers(300, 6000), st.integers(0, 3))
def test_drop_keeps_the_bound_and_as_many_small_files_as_fit(
    sizes: list[int], bound: int, before: int
) -> None:
    parts = [part(f"file-{i:02}", size) for i, size in enumerate(sizes)]
    skipped = [Skipped(f"skip-{i}", "binary") for i in range(before)]
    try:
        kept = keep_within(parts, Bound(bound, "drop"), skipped)
    except ContextTooLarge as error:
        total = re.search(r"has ([\d,]+) bytes", str(error))
        assert total
        assert int(total[1].replace(",", "")) > bound
        return
    assert packed_size(kept, skipped) <= bound
    inside = [len(r.data) for r in kept if isinstance(r, Part)]
    outside = [len(p.data) for p, r in zip(parts, kept, strict=True) if isinstance(r, Unusable)]
    assert max(inside, default=0) <= min(outside, default=1 << 30)
    if outside:
        assert packed_size(list(parts), skipped) > bound


def test_an_oversized_pack_is_not_held() -> None:
    """Only what fits is kept while the rest is measured."""

    def results() -> Iterator[Part]:
        for number in range(200):
            yield part(f"{number}", 100_000)

    tracemalloc.start()
    with pytest.raises(ContextTooLarge, match="20,"):
        keep_within(results(), Bound(300_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_500_000
