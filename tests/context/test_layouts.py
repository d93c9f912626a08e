"""The order of files in packs that follow one another: what moves, what stays, what is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ccw.context.pack.layouts import Earlier
from ccw.context.pack.render import HEADER, OVERLAY_HEADER
from tests.context.histories import History, order_of
from tests.context.packs import understood

LONG = {name: f"{name}\n" * 50 for name in "abcdefghij"}


def changed(files: Mapping[str, str], *paths: str) -> dict[str, str]:
    """Return *files* with a line more at the end of some."""
    return {path: text + "more\n" * (path in paths) for path, text in files.items()}


def without(files: Mapping[str, str], *paths: str) -> dict[str, str]:
    return {path: text for path, text in files.items() if path not in paths}


B, C, BC = changed(LONG, "b"), changed(LONG, "c"), changed(LONG, "b", "c")


@pytest.mark.parametrize(
    ("layout", "steps"),
    [
        pytest.param(
            "path",
            [(LONG, "a b c d e f g h i j"), (B, "a b c d e f g h i j")],
            id="path",
        ),
        pytest.param(
            "stable",
            [
                (LONG, "a b c d e f g h i j"),
                (LONG, "a b c d e f g h i j"),
                (BC, "a d e f g h i j b c"),
                (C, "a d e f g h i j c b"),
            ],
            id="stable-moves-what-changed-to-the-end",
        ),
        pytest.param(
            "stable",
            [
                (LONG, "a b c d e f g h i j"),
                ({**LONG, "Z": "z"}, "a b c d e f g h i j Z"),
                ({**B, "Z": "z", "ab": "x"}, "a c d e f g h i j Z ab b"),
                (without(B, "d", "e"), "a c f g h i j b"),
                (B, "a c f g h i j b d e"),
            ],
            id="stable-with-new-and-deleted-files",
        ),
        pytest.param(
            "overlay",
            [
                (LONG, "a b c d e f g h i j"),
                (LONG, "a b c d e f g h i j"),
                (B, "a (b) c d e f g h i j b"),
                (BC, "a (b) (c) d e f g h i j b c"),
                (C, "a (b) (c) d e f g h i j (b) c b"),
            ],
            id="overlay-appends-also-an-earlier-text",
        ),
        pytest.param(
            "overlay",
            [
                (LONG, "a b c d e f g h i j"),
                (without(LONG, "d"), "a b c (d) e f g h i j"),
                ({**LONG, "Z": "z"}, "a b c d e f g h i j Z"),
                (changed(LONG, "d"), "a b c (d) e f g h i j (Z) d"),
            ],
            id="overlay-of-a-deleted-file-that-comes-back",
        ),
        pytest.param(
            "overlay",
            [
                (LONG, "a b c d e f g h i j"),
                (changed(LONG, "a", "c", "j"), "(a) b (c) d e f g h i (j) a c j"),
                (changed(LONG, "a", "c", "i", "j"), "(a) b (c) d e f g h (i) (j) a c j i"),
                (changed(LONG, "a", "c", "h", "i", "j"), "b d e f g a c j i h"),
                (changed(LONG, "a", "c", "h", "i"), "b d e f g a c (j) i h j"),
            ],
            id="overlay-drops-superseded-copies-where-they-stand",
        ),
    ],
)
def test_order(layout: str, steps: list[tuple[dict[str, str], str]]) -> None:
    history = History(layout)
    for files, expected in steps:
        made = history.pack(files)
        assert order_of(made) == expected
        assert understood(made.content) == {k: v.encode() for k, v in files.items()}


def test_an_overlay_byte_for_byte() -> None:
    """Providers cache by exact prefix, so a change of this form costs every user once."""
    history = History("overlay")
    files = {"a.py": "a\n", "b c.py": "b\n", "d.py": "d\n" * 60}
    first = history.pack(files).content
    files = {"b c.py": "b!\n", "d.py": "d\n" * 60, "e.py": "e\n"}
    assert first.startswith(OVERLAY_HEADER)
    assert history.pack(files).content == (
        b"Each file below stands between two lines of equally many backticks; the first names its "
        b"path (in JSON quotes where it needs them), then lines=A-B when only these lines are "
        b"shown, and no-final-newline when the file ends without one. A file may stand here more "
        b"than once: only its last copy counts, it replaces the earlier ones. Files that the end "
        b"names as gone do not count at all.\n\n"
        b'```a.py\na\n```\n\n```"b c.py"\nb\n```\n\n```d.py\n' + b"d\n" * 60 + b"```\n\n"
        b'```"b c.py"\nb!\n```\n\n```e.py\ne\n```\n\n'
        b'Replaced, only the last copy counts:\n- "b c.py"\n\n'
        b"Gone, no copy counts:\n- a.py"
    )


@pytest.mark.parametrize(("layout", "header"), [("stable", HEADER), ("overlay", OVERLAY_HEADER)])
def test_the_header_is_constant(layout: str, header: bytes) -> None:
    history = History(layout)
    for files in (LONG, B, {"a": "x"}, {"a": "y"}):
        assert history.pack(files).content.startswith(header + b"\n\n```")


@pytest.mark.parametrize("layout", ["stable", "overlay"])
def test_an_edit_leaves_the_bytes_before_the_file_alone(layout: str) -> None:
    history = History(layout)
    files = {f"{number:02}": f"{number}\n" * 30 for number in range(20)}
    first = history.pack(files)
    second = history.pack({**files, "12": "edited\n"})
    start = next(file.offset for file in first.summary.files if file.path == "12")
    everything = len(first.content)
    expected = start if layout == "stable" else everything
    assert second.content[:expected] == first.content[:expected]
    assert second.first_difference is not None
    assert expected <= second.first_difference <= expected + len("\n\n```1")


@pytest.mark.parametrize("layout", ["path", "stable", "overlay"])
def test_first_difference(layout: str) -> None:
    history = History(layout)
    first = history.pack(LONG)
    assert first.first_difference is None
    assert history.pack(LONG).first_difference == len(first.content)
    longer = history.pack({**LONG, "z": "new\n"})
    assert longer.first_difference == len(first.content)
    shorter = history.pack(LONG)
    assert shorter.first_difference == len((longer if layout == "overlay" else first).content)


@pytest.mark.parametrize(
    ("layout", "kept"), [("stable", "x c a z b"), ("overlay", "(b) x c a z b")]
)
def test_each_group_has_an_order_of_its_own(layout: str, kept: str) -> None:
    files = {"a": "a\n" * 40, "b": "b\n", "c": "c\n" * 40, "x": "x\n" * 40, "z": "z\n" * 40}
    history = History(layout, in_prefix=lambda path: path[0] in "bcx")
    assert order_of(history.pack(files)) == "b c x a z"
    made = history.pack({**files, "b": "B\n"})
    assert order_of(made) == {"stable": "c x b a z", "overlay": "(b) c x b a z"}[layout]
    made = history.pack({**files, "b": "B\n", "a": "A\n" * 40, "cc": "new\n"})
    assert (
        order_of(made)
        == {
            "stable": "c x b cc z a",
            "overlay": "(b) c x b cc z a",  # a third of its group: compacted, the other one is not
        }[layout]
    )
    end = max(f.offset + f.bytes for f in made.summary.files if f.path in ("b", "cc"))
    assert made.summary.prefix_bytes == end


def test_the_users_text_stays_behind_the_files() -> None:
    history = History("overlay", text="a diff")
    history.pack(LONG)
    made = history.pack(B)
    assert made.content.index(b"```b\nb\n") < made.content.rindex(b"```b\n")
    assert made.content.rindex(b"```b\n") < made.content.index(b"```<text>")
    assert made.content[made.summary.prefix_bytes :].startswith(b"\n\n```<text>")


@pytest.mark.parametrize("size", ["fits", "too-small"])
def test_superseded_copies_go_before_the_room_is_exceeded(size: str) -> None:
    roomy = History("overlay")
    roomy.pack(LONG)
    full = len(roomy.pack(B).content)
    history = History("overlay", room_bytes=full - (size == "too-small"))
    history.pack(LONG)
    made = history.pack(B)
    assert (
        order_of(made)
        == {
            "fits": "a (b) c d e f g h i j b",
            "too-small": "a c d e f g h i j b",
        }[size]
    )
    assert history.pack(C).summary.total_bytes <= full


def test_the_end_of_an_overlay_is_cached_only_when_it_is_long() -> None:
    history = History("overlay")
    history.pack(LONG)
    made = history.pack(B)
    assert made.content[made.summary.prefix_bytes :].startswith(b"\n\nReplaced, ")
    large = {"large": "text\n" * 20_000}
    many = {f"{'long' * 25}-{number}": "x\n" for number in range(100)}
    history.pack({**large, **many})
    made = history.pack(large)
    assert made.summary.superseded
    assert made.summary.prefix_bytes == len(made.content)
    files_end = max(file.offset + file.bytes for file in made.summary.superseded)
    assert made.marks[-2:] == (files_end, len(made.content))


def test_same_bytes() -> None:
    one, other = b"x" * 10_000 + b"a" * 10, b"x" * 10_000 + b"a" * 4 + b"b"
    assert Earlier(one, (), 0).same_bytes(other) == 10_004
    assert Earlier(one, (), 0).same_bytes(one[:8192]) == 8192
    assert Earlier(b"", (), 0).same_bytes(one) == 0
