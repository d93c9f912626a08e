"""What is suggested in place of a pattern that matches nothing, can be typed as it is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import parse_patterns, scan
from ccw.errors import NothingMatched

FILES = ["@at.py", "!bang.py", "d/app.py:12", "d/ran.py:3-9", "d/e\u0301t.py", "d/a b.py", "d/a.py"]


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    (tmp_path / "d").mkdir()
    for name in FILES:
        (tmp_path / name).write_text("x\n" * 20)
    return Scope(project=tmp_path, cwd=tmp_path)


def suggested(typed: str, scope: Scope, *, prompt: bool) -> str:
    with pytest.raises(NothingMatched) as raised:
        find_files(scan(typed).patterns if prompt else parse_patterns([typed]), scope)
    match = re.search(r"did you mean (.*?)\?", str(raised.value))
    assert match is not None, str(raised.value)
    return match[1]


@pytest.mark.parametrize(
    ("typed", "suggestion", "found"),
    [
        pytest.param("@at.py", "./@at.py", "@at.py", id="at-sign"),
        pytest.param("bang.py", "./!bang.py", "!bang.py", id="exclamation-mark"),
        pytest.param("d/app.py:12", "d/app.py[:]12", "d/app.py:12", id="line"),
        pytest.param("d/ran.py:3-9", "d/ran.py[:]3-9", "d/ran.py:3-9", id="lines"),
        pytest.param("d/\u00e9t.py", "d/e\u0301t.py", "d/e\u0301t.py", id="accent"),
        pytest.param("d/ab.py", "d/a b.py", "d/a b.py", id="space"),
    ],
)
def test_an_argument(scope: Scope, typed: str, suggestion: str, found: str) -> None:
    assert suggested(typed, scope, prompt=False) == suggestion
    (file,) = find_files(parse_patterns([suggestion]), scope).files
    assert (file.path, file.lines) == (found, ())


@pytest.mark.parametrize(
    ("typed", "suggestion", "found"),
    [
        pytest.param("@at.py x", "@./@at.py", "@at.py", id="at-sign"),
        pytest.param("@bang.py", "@./!bang.py", "!bang.py", id="exclamation-mark"),
        pytest.param("@d/app.py:12 x", "@d/app.py[:]12", "d/app.py:12", id="line"),
        pytest.param("@d/ab.py", '@"d/a b.py"', "d/a b.py", id="space"),
    ],
)
def test_in_a_prompt(scope: Scope, typed: str, suggestion: str, found: str) -> None:
    assert suggested(typed, scope, prompt=True) == suggestion
    (file,) = find_files(scan(f"{suggestion} x").patterns, scope).files
    assert (file.path, file.lines) == (found, ())


def test_a_name_that_looks_the_same(scope: Scope) -> None:
    with pytest.raises(NothingMatched, match=r"\? It looks the same, but its accents are encoded"):
        find_files(parse_patterns(["d/\u00e9t.py"]), scope)
