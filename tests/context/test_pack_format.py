"""The packed text: exact, invertible, deterministic."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccw.context.files.find import FoundFile, Skipped, Stamp
from ccw.context.pack.assemble import PackedFile, Summary, plan, write_pack
from ccw.context.pack.reading import Part, Unusable
from ccw.context.pack.render import (
    HEADER,
    LONGEST_LIST,
    LeftOutList,
    fence_of,
    left_out,
    quote_path,
    render,
)
from tests.context.packs import ReadFile, read_pack

NO_STAMP = Stamp(0, 0, 0, 0)


def part(path: str, text: bytes, *notes: str) -> Part:
    return Part(FoundFile(path, "", NO_STAMP), render(path, text), notes=notes)


def unusable(path: str, reason: str) -> Unusable:
    return Unusable(FoundFile(path, "", NO_STAMP), reason)


def test_a_pack_byte_for_byte() -> None:
    """Providers cache by exact prefix, so a change of this form costs every user once."""
    pieces: list[bytes] = []
    results = [
        part("a.py", b"x\n", "a note"),
        unusable("b.png", "binary"),
        part("c d.md", b"```\ny"),
    ]
    summary = write_pack(results, pieces.append, prefix=3, skipped=[Skipped("a.env", "secret")])
    pack = b"".join(pieces)
    assert pack == (
        b"Each file below stands between two lines of equally many backticks; the first names its "
        b"path (in JSON quotes where it needs them), then lines=A-B when only these lines are "
        b"shown, and no-final-newline when the file ends without one.\n\n"
        b"```a.py\nx\n```\n\n"
        b'````"c d.md" no-final-newline\n```\ny\n````\n\n'
        b"Left out:\n- a.env: secret\n- b.png: binary"
    )
    assert summary == Summary(
        files=(
            PackedFile("a.py", len(HEADER) + 2, 13),
            PackedFile("c d.md", len(HEADER) + 17, 40),
        ),
        skipped=(Skipped("a.env", "secret"), Skipped("b.png", "binary")),
        notes=("a note",),
        total_bytes=len(pack),
        prefix_bytes=len(pack),
    )


def test_nothing_to_pack_is_an_empty_text() -> None:
    pieces: list[bytes] = []
    assert write_pack([], pieces.append, prefix=0) == Summary((), (), (), 0, 0)
    assert pieces == []


PATHS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.binary(
    min_size=1, max_size=8
).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
TEXTS = st.text(st.sampled_from('`ab \n\r\té"#'), max_size=40) | st.text(
    st.characters(codec="utf-8"), max_size=30
)


@given(st.lists(st.tuples(PATHS, TEXTS), max_size=4), st.lists(PATHS, max_size=2))
@example([("a", "")], [])
@example([("a", "\n"), ("b", "````\n```"), ('"', "Left out:\n")], ["x\ny"])
@example([("a no-final-newline", "```a\n```")], [])
def test_a_pack_can_be_read_back(files: list[tuple[str, str]], missing: list[str]) -> None:
    pieces: list[bytes] = []
    results = [part(path, text.encode()) for path, text in files]
    skipped = [Skipped(path, "why\nnot") for path in missing]
    write_pack(results, pieces.append, prefix=len(results), skipped=skipped)
    read, out = read_pack(b"".join(pieces))
    assert read == [ReadFile(path, text.encode()) for path, text in files]
    assert out == [f"- {quote_path(path)}: why not" for path in sorted(missing)]


@given(st.lists(st.tuples(PATHS, TEXTS), min_size=1, max_size=4), st.integers(0, 3))
def test_offsets_point_at_the_parts(files: list[tuple[str, str]], prefix: int) -> None:
    pieces: list[bytes] = []
    results = [part(path, text.encode()) for path, text in files]
    summary = write_pack(results, pieces.append, prefix=prefix)
    pack = b"".join(pieces)
    assert [pack[f.offset : f.offset + f.bytes] for f in summary.files] == [r.data for r in results]
    ends = [0, *(f.offset + f.bytes for f in summary.files)]
    assert summary.prefix_bytes == ends[min(prefix, len(files))]


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        pytest.param("src/äöü-1.py", "src/äöü-1.py", id="plain"),
        pytest.param("a b", '"a b"', id="space"),
        pytest.param("a\nb", r'"a\nb"', id="newline"),
        pytest.param('a"b', r'"a\"b"', id="double-quote"),
        pytest.param("it's", '"it\'s"', id="single-quote"),
        pytest.param("a`b", '"a`b"', id="backtick"),
        pytest.param("a\\b", r'"a\\b"', id="backslash"),
        pytest.param(os.fsdecode(b"caf\xe9"), r'"caf\udce9"', id="not-utf-8"),
        pytest.param("a\u202eb", r'"a\u202eb"', id="turns-the-direction"),
        pytest.param("a\u200bb", r'"a\u200bb"', id="invisible"),
        pytest.param("a\x7fb", r'"a\u007fb"', id="control"),
    ],
)
def test_quote_path(path: str, quoted: str) -> None:
    assert quote_path(path) == quoted


@pytest.mark.parametrize(
    ("text", "length"),
    [(b"", 3), (b"`` x", 3), (b"```", 4), (b"a `````b` ```", 6), (b"`" * 100, 101)],
)
def test_fence_of(text: bytes, length: int) -> None:
    assert fence_of(text) == b"`" * length


def test_lines_are_named() -> None:
    assert render("a", b"x\n", [(12, 40), (50, 50)]) == b"```a lines=12-40,50\nx\n```"


def test_left_out_keeps_each_reason_on_its_line() -> None:
    block = left_out([Skipped("a", "no\nway\t!"), Skipped(os.fsdecode(b"\xff"), "binary")])
    assert block == b'Left out:\n- a: no way !\n- "\\udcff": binary'


def test_files_are_planned_by_path() -> None:
    files = [FoundFile(path, "", NO_STAMP) for path in ("b", "a/z", "a", "B")]
    assert [file.path for file in plan(files).files] == ["B", "a", "a/z", "b"]


def test_without_file_patterns_everything_is_the_prefix() -> None:
    files = [FoundFile(path, "", NO_STAMP) for path in ("b", "a")]
    assert plan(files).prefix == 2


def test_the_parts_of_other_files_never_change(tmp_path: Path) -> None:
    """A file's fence depends on that file alone, or an edit would spoil the whole prefix."""
    before, after = [], []
    write_pack([part("a", b"x\n"), part("b", b"y\n")], before.append, prefix=2)
    write_pack([part("a", b"x\n"), part("b", b"`````\n")], after.append, prefix=2)
    assert b"".join(after).startswith(b"".join(before)[: len(HEADER) + 2 + len(b"```a\nx\n```")])


def test_a_long_list_of_what_was_left_out_is_counted_by_reason() -> None:
    large = [Skipped(f"a/{i:03}.bin", f"larger than 1,000 bytes: {i:,}") for i in range(1200)]
    named = left_out(large[:50])
    assert named.count(b"\n- a/") == 50
    several = [*large, Skipped("b", "binary"), Skipped("c", "no way, c"), Skipped("d", "no way; d")]
    assert left_out(several).decode().splitlines() == [
        "Left out:",
        "- 1,200 files: larger than 1,000 bytes",
        "- 2 files: no way",
        "- 1 file: binary",
    ]


@given(st.lists(st.builds(Skipped, st.text(max_size=300), st.text(max_size=300)), max_size=40))
def test_the_list_of_what_was_left_out_is_as_long_as_is_told(skipped: list[Skipped]) -> None:
    growing = LeftOutList()
    for number, item in enumerate(skipped, 1):
        growing.add(item)
        assert growing.size == len(growing.block())
        assert growing.block() == left_out(skipped[:number])
    assert len(growing.block()) < LONGEST_LIST + 25 * 1300
