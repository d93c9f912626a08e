"""Where packs are cut and marked: few places, on ends of parts, the same from pack to pack."""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.context.pack.make import Made
from ccw.context.pack.marks import (
    FEW_BLOCKS,
    MANY_BLOCKS,
    Edge,
    Layer,
    cuts_of,
    marks_of,
    merged,
)
from tests.context.histories import History

LAYOUTS = ("path", "stable", "overlay")
FILES = {f"{number:02}.py": f"{number}\n" * 100 for number in range(24)}


def ends_of(made: Made) -> dict[int, str]:
    """Return the path of each copy by its end."""
    files = (*made.summary.files, *made.summary.superseded)
    return {file.offset + file.bytes: file.path for file in files}


def layer(*sizes: int, superseded: int | None = None) -> Layer:
    """Return copies `0`, `1`, … of *sizes*, one right after the other."""
    ends = list(accumulate(sizes))
    edges = [Edge(end, str(n), n == superseded) for n, end in enumerate(ends)]
    return Layer(edges, ends[-1])


def test_nothing_is_cut_nowhere() -> None:
    assert cuts_of(Layer([], 0)) == ()
    assert cuts_of(Layer([], 200)) == ()
    assert marks_of("overlay", Layer([], 0), ()) == ()


def test_one_file_is_one_block() -> None:
    assert cuts_of(layer(1000)) == (1000,)
    assert marks_of("stable", layer(1000), (1000,)) == (1000,)


def test_a_new_pack_is_cut_into_blocks_of_about_a_sixth() -> None:
    cuts = cuts_of(layer(*[10] * 120))
    assert len(cuts) == 6
    assert all(end - start <= 400 for start, end in pairwise((0, *cuts)))


def test_what_is_new_alone_is_cut() -> None:
    sizes = [10] * 120
    first = cuts_of(layer(*sizes))
    appended = layer(*sizes, 30)
    assert cuts_of(appended._replace(held=first)) == (*first, 1230)
    held = [cut for cut in first if cut <= 600]
    half = cuts_of(layer(*sizes)._replace(held=held))
    assert [cut for cut in half if cut <= held[-1]] == held
    assert 2 <= len(half) - len(held) <= 5


@pytest.mark.parametrize(
    ("layout", "of", "cuts", "marks"),
    [
        pytest.param(
            "path", layer(*[100] * 8), range(100, 900, 100), (200, 400, 600, 800), id="quartiles"
        ),
        pytest.param(
            "stable",
            layer(*[100] * 8)._replace(held=(100, 300)),
            range(100, 900, 100),
            (300, 400, 600, 800),
            id="where-both-packs-are-the-same",
        ),
        pytest.param(
            "overlay",
            layer(*[100] * 8),
            range(100, 900, 100),
            (200, 400, 600, 800),
            id="overlay-without-appended-copies",
        ),
        pytest.param(
            "overlay",
            layer(*[100] * 9, superseded=6)._replace(held=(700, 800)),
            range(100, 1000, 100),
            (400, 600, 800, 900),
            id="half-first-superseded-end-before-end",
        ),
        pytest.param(
            "overlay",
            layer(*[100] * 9, superseded=1)._replace(held=(800,)),
            range(100, 1000, 100),
            (100, 400, 800, 900),
            id="early-superseded",
        ),
        pytest.param(
            "overlay",
            layer(*[100] * 9, superseded=0)._replace(held=(800,)),
            range(100, 1000, 100),
            (400, 600, 800, 900),
            id="first-is-superseded",
        ),
        pytest.param(
            "path",
            layer(130, 100, 100, 100),
            (130, 230, 330, 430),
            (130, 230, 330, 430),
            id="four-files-have-four-marks",
        ),
        pytest.param(
            "stable",
            layer(*[100] * 8)._replace(held=(600,)),
            (500, 600, 700, 800),
            (500, 600, 700, 800),
            id="wishes-that-meet-leave-marks-to-the-last-cuts",
        ),
        pytest.param(
            "stable",
            layer(*[100] * 8)._replace(least=350),
            range(100, 900, 100),
            (400, 600, 700, 800),
            id="too-early-ones-leave-marks-to-the-last-cuts",
        ),
        pytest.param(
            "overlay",
            layer(*[100] * 8)._replace(least=5000),
            range(100, 900, 100),
            (800,),
            id="the-end-is-marked-all-the-same",
        ),
    ],
)
def test_marks(layout: str, of: Layer, cuts: range, marks: tuple[int, ...]) -> None:
    assert marks_of(layout, of, tuple(cuts)) == marks


def test_the_same_pack_has_the_same_marks() -> None:
    for layout in LAYOUTS:
        history = History(layout)
        history.pack(FILES)
        second = history.pack({**FILES, "07.py": "edited\n"})
        third = history.pack({**FILES, "07.py": "edited\n"})
        assert (third.cuts, third.marks) == (second.cuts, second.marks)


def test_an_overlay_finds_the_whole_pack_before() -> None:
    history = History("overlay")
    before = history.pack(FILES)
    for number in range(5):
        made = history.pack({**FILES, f"{number:02}.py": f"edit {number}\n"})
        assert before.marks[-1] in made.marks
        assert set(before.cuts) <= set(made.cuts)
        before = made


def test_after_compaction_the_bytes_before_the_first_dropped_copy_are_found() -> None:
    history = History("overlay")
    files = dict(FILES)
    history.pack(files)
    for number in range(12, 24):
        before = history.earlier
        files[f"{number:02}.py"] = f"edit {number}\n" * 60
        made = history.pack(files)
        if not made.summary.superseded:
            break
    assert before
    first = min(copy.offset for copy in before.copies if copy.path == "12.py")
    found = max(set(before.marks) & set(made.marks))
    assert first * 0.6 < found <= first


def test_most_cuts_stay_on_the_same_files_without_a_memory() -> None:
    """As on another machine: the bytes differ a little, the files at the cuts hardly."""
    ours = History("path").pack(FILES)
    theirs = History("path").pack({**FILES, "20.py": "grown\n" * 60, "215.py": "new\n" * 20})
    files = [{ends_of(made)[cut] for cut in made.cuts} for made in (ours, theirs)]
    assert len(files[0] & files[1]) >= 4


@pytest.mark.parametrize(
    ("count", "needed", "left"),
    [
        pytest.param(20, (), 20, id="few-stay"),
        pytest.param(21, (), FEW_BLOCKS, id="many-are-merged"),
        pytest.param(30, range(10, 160, 10), 16, id="needed-ones-stay"),
    ],
)
def test_many_blocks_are_merged(count: int, needed: Collection[int], left: int) -> None:
    cuts = tuple(range(10, 10 + 10 * count, 10))
    few = merged(cuts, needed)
    assert len(few) == left
    assert few[-1] == cuts[-1]
    assert {*needed} <= {*few} <= {*cuts}


def test_small_blocks_are_merged_first() -> None:
    large = [1000 * number for number in range(1, 8)]
    small = [7000 + 10 * number for number in range(1, 15)]
    few = merged((*large, *small), ())
    assert set(large) <= set(few)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_stay_few(layout: str) -> None:
    """Those that the provider knows from the request before are still ends of blocks."""
    history, files = History(layout), {**FILES, "v.py": "version = 0\n"}
    before = history.pack(files)
    for number in range(100):
        made = history.pack({**files, "v.py": f"version = {number}\n", f"z{number:03}": "new\n"})
        files[f"z{number:03}"] = "new\n"
        assert len(made.cuts) <= MANY_BLOCKS
        known = {m for m in before.marks if m <= (made.first_difference or 0)} & {*ends_of(made)}
        assert known <= {*made.cuts}
        before = made


@given(
    st.sampled_from(LAYOUTS),
    st.lists(st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 300)), max_size=8),
)
def test_marks_and_cuts_of_any_history(layout: str, steps: list[dict[str, int]]) -> None:
    history, before = History(layout), None
    for sizes in steps:
        made = history.pack({path: f"{size}\n" * size for path, size in sizes.items()})
        places = {*ends_of(made), made.summary.prefix_bytes}
        assert list(made.cuts) == sorted(set(made.cuts))
        assert set(made.marks) <= set(made.cuts) <= places
        assert len(made.marks) <= 4
        assert len(made.cuts) <= MANY_BLOCKS
        assert made.marks[-1:] == made.cuts[-1:] == (made.summary.prefix_bytes,)[: len(sizes)]
        if before and made.first_difference is not None:
            shared = ends_of(before).keys() & ends_of(made).keys()
            held = {c for c in before.cuts if c <= made.first_difference and c in shared}
            assert held & set(before.marks) <= set(made.cuts)
            assert held <= set(made.cuts) or len(made.cuts) >= FEW_BLOCKS
        before = made
