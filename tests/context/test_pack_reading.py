"""Reading one file: what is whole is packed, what is not is reported."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.context.files.find import FoundFile
from ccw.context.pack.reading import Part, Read, Unusable, read_part
from ccw.context.pack.render import render
from ccw.context.scope import stamp_of
from tests.context.packs import open_file

LIMIT = 1000


@pytest.fixture
def file(tmp_path: Path) -> FoundFile:
    path = tmp_path / "a.txt"
    path.write_bytes(b"1\n2\n3\n")
    return FoundFile("a.txt", str(path), stamp_of(path.stat()))


def changed(file: FoundFile, **fields: object) -> FoundFile:
    values = {name: getattr(file, name) for name in ("path", "location", "stamp", "lines")}
    return FoundFile(**{**values, **fields})  # type: ignore[arg-type]


def reading_with(*changes: Callable[[], object]) -> Read:
    """Read as usual, and do the next change right after."""
    left = list(changes)

    def read_and_change(descriptor: int, count: int) -> bytes:
        data = os.read(descriptor, count)
        if left:
            left.pop(0)()
        return data

    return read_and_change


def test_a_file_is_read_with_its_stamp(file: FoundFile) -> None:
    assert read_part(file, open_file, LIMIT) == Part(file, render("a.txt", b"1\n2\n3\n"))


@pytest.mark.parametrize(
    ("data", "lines", "expected", "shown", "notes"),
    [
        pytest.param(b"1\n2\n3\n", ((2, 3),), b"2\n3\n", ((2, 3),), (), id="within"),
        pytest.param(b"1\n2", ((2, 2),), b"2", ((2, 2),), (), id="last-without-line-end"),
        pytest.param(b"1\n2\n", ((1, 1), (2, 2)), b"1\n2\n", ((1, 2),), (), id="touching"),
        pytest.param(
            b"1\n2\n3\n",
            ((2, 9),),
            b"2\n3\n",
            ((2, 3),),
            ("a.txt: lines 2-9 asked for, it has 3",),
            id="partly-beyond-the-end",
        ),
    ],
)
def test_lines(
    file: FoundFile,
    data: bytes,
    lines: tuple[tuple[int, int], ...],
    expected: bytes,
    shown: tuple[tuple[int, int], ...],
    notes: tuple[str, ...],
) -> None:
    Path(file.location).write_bytes(data)
    wanted = changed(file, stamp=stamp_of(os.stat(file.location)), lines=lines)
    part = Part(wanted, render("a.txt", expected, shown), shown, notes)
    assert read_part(wanted, open_file, LIMIT) == part


def test_lines_beyond_the_end_are_reported(file: FoundFile) -> None:
    wanted = changed(file, lines=((7, 9),))
    reason = "its lines 7-9 do not exist: it has 3"
    assert read_part(wanted, open_file, LIMIT) == Unusable(wanted, reason, by_content=True)


def test_a_guessed_encoding_is_reported(file: FoundFile) -> None:
    Path(file.location).write_bytes("déjà vu, très bien\n".encode("latin-1"))
    part = read_part(file, open_file, LIMIT)
    assert isinstance(part, Part)
    assert part.data == render("a.txt", "déjà vu, très bien\n".encode())
    assert part.notes == ("a.txt: read as cp1252 (a guess)",)


def test_a_change_while_reading_is_read_again(file: FoundFile) -> None:
    path = Path(file.location)
    rewrite = reading_with(lambda: path.write_bytes(b"4\n5\n6\n7\n"))
    part = read_part(file, open_file, LIMIT, rewrite)
    assert part == Part(
        changed(file, stamp=stamp_of(path.stat())), render("a.txt", b"4\n5\n6\n7\n")
    )


def test_an_edit_that_keeps_the_size_while_reading_is_seen(file: FoundFile) -> None:
    path = Path(file.location)

    def edit() -> None:
        path.write_bytes(b"9\n9\n9\n")
        os.utime(path, ns=(file.stamp.mtime_ns, file.stamp.mtime_ns))

    part = read_part(file, open_file, LIMIT, reading_with(edit))
    assert isinstance(part, Part)
    assert part.data == render("a.txt", b"9\n9\n9\n")


def test_a_second_change_is_reported(file: FoundFile) -> None:
    path = Path(file.location)

    def grow() -> None:
        with path.open("ab") as out:
            out.write(b"more\n")

    result = read_part(file, open_file, LIMIT, reading_with(grow, grow))
    assert result == Unusable(file, "it changed twice while it was read")


def test_a_file_that_comes_in_pieces(file: FoundFile) -> None:
    part = read_part(file, open_file, LIMIT, lambda descriptor, _: os.read(descriptor, 2))
    assert part == Part(file, render("a.txt", b"1\n2\n3\n"))


def test_a_deleted_file_is_reported(file: FoundFile) -> None:
    Path(file.location).unlink()
    assert read_part(file, open_file, LIMIT) == Unusable(file, "deleted while it was packed")


def test_a_file_that_grew_over_the_limit_is_reported(file: FoundFile) -> None:
    path = Path(file.location)
    path.write_bytes(b"x" * 1001)
    grown = changed(file, stamp=stamp_of(path.stat()))
    reason = "larger than 1,000 bytes: 1,001 (--max-file-size)"
    assert read_part(file, open_file, LIMIT) == Unusable(grown, reason, by_content=True)


def test_a_file_that_cannot_be_opened_is_reported(file: FoundFile) -> None:
    def refuse(_: FoundFile) -> tuple[int, os.stat_result]:
        raise PermissionError(13, "Permission denied")

    result = read_part(file, refuse, LIMIT)
    assert result == Unusable(file, "not readable: Permission denied")


def test_binary_is_reported(file: FoundFile) -> None:
    path = Path(file.location)
    path.write_bytes(b"GIF89a\0")
    binary = changed(file, stamp=stamp_of(path.stat()))
    assert read_part(file, open_file, LIMIT) == Unusable(binary, "binary", by_content=True)
