"""Prompts and patterns of any size: quick, and refused with a message where there are bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import MAX_PATTERNS, extract_patterns, parse_pattern, scan
from ccw.errors import PatternError

# How long it takes is for the benchmarks; here work that is not linear never ends.
pytestmark = pytest.mark.timeout(100)


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        pytest.param("word and more " * 360_000, 0, id="5-mb-of-text"),
        pytest.param("mail a@b.c " * 450_000, 0, id="5-mb-of-addresses"),
        pytest.param("@a.py " * 800_000, 1, id="5-mb-of-one-pattern"),
        pytest.param("@{" * 500_000, 1, id="open-brackets"),
        pytest.param("`@{" * 300_000 + "}" * 300_000, 2, id="nested-brackets"),
        pytest.param("@" * 2_000_000, 0, id="at-signs"),
        pytest.param("@a" + ".," * 1_000_000, 1, id="punctuation"),
        pytest.param('@"a ' * 500_000, 1, id="open-quotes"),
        pytest.param("```\n" * 500_000, 0, id="fences"),
        pytest.param("@\"a b c\n@'d e\n" * 200_000, 0, id="lines-with-open-quotes"),
        pytest.param("".join(f"@a'{n}\n" for n in range(200_000)), 0, id="quotes-inside"),
        pytest.param("".join("`" * n + "\n" for n in range(2000, 3, -1)), 0, id="shrinking-fences"),
    ],
)
def test_time_is_linear(prompt: str, count: int) -> None:
    assert len(extract_patterns(prompt)) == count


def test_ten_thousand_patterns(tmp_path: Path) -> None:
    (tmp_path / "f7").touch()
    patterns = scan(" ".join(f"@f{n}" for n in range(10_000))).patterns
    assert len(patterns) == MAX_PATTERNS
    found = find_files(patterns, Scope(tmp_path, tmp_path))
    assert [file.path for file in found.files] == ["f7"]
    assert len(found.notes) == 9_999


def test_more_patterns_than_allowed() -> None:
    with pytest.raises(PatternError, match=r"more than 10,000 @patterns; use globs"):
        scan(" ".join(f"@f{n}" for n in range(10_001)))


def test_pattern_of_a_megabyte() -> None:
    with pytest.raises(PatternError, match=r"a{50,59}… is 1,000,000 characters long") as raised:
        extract_patterns("@" + "a" * 1_000_000)
    assert raised.value.exit_code == 4
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param("{a,b}" * 40, id="forty-pairs"),
        pytest.param("{1..1000000000}", id="range"),
        pytest.param("{{" * 2000, id="unclosed"),
        pytest.param("{" * 500 + "a,b" + "}" * 500, id="nested"),
    ],
)
def test_brace_bomb(bomb: str, tmp_path: Path) -> None:
    with pytest.raises(PatternError) as raised:
        find_files([parse_pattern(bomb)], Scope(tmp_path, tmp_path))
    assert raised.value.exit_code == 4


def test_all_braces_together_are_bounded(tmp_path: Path) -> None:
    patterns = [parse_pattern(f"x{n}{{1..900}}") for n in range(100)]
    with pytest.raises(PatternError, match=r"more than 20,000 globs"):
        find_files(patterns, Scope(tmp_path, tmp_path))


@pytest.mark.parametrize(
    "glob",
    [
        pytest.param("*a" * 30 + "b", id="stars"),
        pytest.param("**/" * 60 + "b*", id="globstars"),
        pytest.param("*(a|aa|aaa)*(a|aa)b", id="ambiguous-group"),
        pytest.param("+(+(+(a)))b", id="nested-repetition"),
        pytest.param("*(*(*(a)*)*)b", id="stars-in-repetition"),
        pytest.param("*@(a)" * 20 + "b", id="stars-between-groups"),
    ],
)
def test_no_glob_takes_exponential_time(glob: str, tmp_path: Path) -> None:
    (tmp_path / ("a" * 200)).touch()
    found = find_files([parse_pattern(glob)], Scope(tmp_path, tmp_path, allow_missing=True))
    assert found.files == ()
