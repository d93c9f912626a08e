"""`ccw pack`: the pack on stdout, what there is to say about it on stderr."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.cli.packing import ccw, fill
from tests.context.packs import ReadFile, read_pack


@pytest.fixture
def files(project: Path) -> Path:
    return fill(project)


def test_the_pack_is_on_stdout_and_the_rest_on_stderr(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "@README.md")
    assert result.exit_code == 0
    assert result.stdout.endswith("- src/c.bin: binary\n")
    packed, missing = read_pack(result.stdout_bytes[:-1])
    assert packed == [
        ReadFile("README.md", b"# read me\n"),
        ReadFile("src/a.py", b"print('a')\n"),
        ReadFile("src/b.py", b"print('b')\n" * 300),
    ]
    assert missing == ["- src/c.bin: binary"]
    size = len(result.stdout_bytes) - 1
    assert result.stderr == f"left out: src/c.bin: binary\n3 files, {size:,} bytes, 1 left out\n"


def test_the_same_files_are_the_same_bytes(files: Path, tmp_path: Path) -> None:
    first = ccw(files, "pack", "src/**")
    moved = tmp_path / "elsewhere"
    files.rename(moved)
    os.utime(moved / "src" / "a.py", (1, 1))
    second = ccw(moved, "pack", "src/**")
    assert second.stdout_bytes == first.stdout_bytes


def test_cd_is_where_patterns_start_and_paths_stay_the_projects(files: Path) -> None:
    result = ccw(files, "pack", "*.py", "--cd", "src")
    packed, _ = read_pack(result.stdout_bytes[:-1])
    assert [file.path for file in packed] == ["src/a.py", "src/b.py"]


def test_lines(files: Path) -> None:
    result = ccw(files, "pack", "src/b.py:2-3")
    packed, _ = read_pack(result.stdout_bytes[:-1])
    assert packed == [ReadFile("src/b.py", b"print('b')\n" * 2, "2-3")]


def test_output_replaces_a_file(files: Path) -> None:
    (files / "out.txt").write_text("old")
    result = ccw(files, "pack", "src/*.py", "-o", "out.txt")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert [f.path for f in read_pack((files / "out.txt").read_bytes()[:-1])[0]] == [
        "src/a.py",
        "src/b.py",
    ]
    assert sorted(p.name for p in files.iterdir()) == [".ccw", "README.md", "out.txt", "src"]


def test_a_failure_leaves_the_output_file_as_it_was(files: Path) -> None:
    (files / "out.txt").write_text("old")
    result = ccw(files, "pack", "src/*.py", "--max-size", "1", "-o", "out.txt")
    assert result.exit_code == 7
    assert (files / "out.txt").read_text() == "old"
    assert sorted(p.name for p in files.iterdir()) == [".ccw", "README.md", "out.txt", "src"]


def test_an_output_folder_that_is_not_there(files: Path) -> None:
    result = ccw(files, "pack", "src/*.py", "-o", "nowhere/out.txt")
    assert result.exit_code == 1
    assert re.search(r"cannot write the pack to .*nowhere.*: No such file", result.stderr)


def test_an_output_that_is_a_folder(files: Path) -> None:
    result = ccw(files, "pack", "src/*.py", "-o", "src")
    assert result.exit_code == 1
    assert re.search("cannot write the pack to .*src: Is a directory", result.stderr)
    assert sorted(p.name for p in files.iterdir()) == [".ccw", "README.md", "src"]


def test_over_the_bound_prints_nothing(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "--max-size", "1")
    assert result.exit_code == 7
    assert result.stdout == ""
    assert re.search(r"more than the limit of 1 KB; largest: src/b\.py", result.stderr)


def test_over_drop_leaves_out_the_largest(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "--max-size", "1", "--over", "drop")
    assert result.exit_code == 0
    packed, missing = read_pack(result.stdout_bytes[:-1])
    assert [file.path for file in packed] == ["src/a.py"]
    assert missing == [
        "- src/b.py: over the limit of 1 KB, 3,315 bytes itself",
        "- src/c.bin: binary",
    ]


def test_max_file_size(files: Path) -> None:
    result = ccw(files, "pack", "src/*.py", "--max-file-size", "100")
    packed, missing = read_pack(result.stdout_bytes[:-1])
    assert [file.path for file in packed] == ["src/a.py"]
    assert missing[0].startswith("- src/b.py: larger than ")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        pytest.param([], 2, 'ccw pack "src/**/*.py" README.md', id="no-pattern"),
        pytest.param(["src/*", "--over", "drop"], 2, "--max-size KB or --model", id="no-bound"),
        pytest.param(["nothing/*.py"], 4, "nothing/*.py", id="nothing-matched"),
        pytest.param(["src/*", "--model", "x"], 3, "Endpoint not found: x", id="no-endpoint"),
    ],
)
def test_what_cannot_be_done(
    files: Path, arguments: list[str], exit_code: int, message: str
) -> None:
    result = ccw(files, "pack", *arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert result.stdout == ""


def test_allow_missing_says_what_was_not_found(files: Path) -> None:
    result = ccw(files, "pack", "src/a.py", "nothing/*.py", "--allow-missing")
    assert result.exit_code == 0
    assert "nothing/*.py matched nothing" in result.stderr
