"""No glob and no ignore rule keeps the search busy for ever, whatever the names are.

Each of these would take Python's own matcher longer than a test may last.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ccw.context.files.find import Scope, find_files
from ccw.context.files.wildmatch import translate
from ccw.context.patterns import parse_pattern
from ccw.errors import PatternError
from tests.context.finding import paths, write

LONG = "a" * 120
GLOBS = [
    pytest.param("*a*a*a*a*a*a*b", id="stars"),
    pytest.param("[ab]*a*a*a*a*a*a*b", id="stars-after-a-class"),
    pytest.param("\\a*a*a*a*a*a*a*b", id="stars-after-an-escape"),
    pytest.param("*(*a)*(*a)*(*a)*(*a)b", id="stars-in-groups"),
    pytest.param("+(a|aa|aaa)+(a|aa)+(aa|a)+(a|aa)b", id="repeated-groups"),
    pytest.param("+(+(+(a|aa)|aa)|a)b", id="nested-groups"),
    pytest.param("@(a|aa)" * 19 + "b", id="many-choices"),
    pytest.param("!(*a*b)*a*a*a*a*b", id="inverse"),
    pytest.param("!(+(a|aa)+(a|aa)+(a|aa))+(a|aa)+(a|aa)b", id="groups-in-inverse"),
    pytest.param("!(!(+(a|aa)b)+(a|aa)c)+(a|aa)+(a|aa)b", id="nested-inverse"),
    pytest.param("@(*a*a*a*a*a*a*a*b", id="unclosed"),
]


@pytest.mark.parametrize("glob", GLOBS)
@pytest.mark.parametrize("before", ["", ".", "?(.)"])
def test_globs(tmp_path: Path, before: str, glob: str) -> None:
    write(tmp_path, f"{LONG}.txt", f".{LONG}.txt", "b")
    scope = Scope(tmp_path, tmp_path, allow_missing=True)
    wanted = parse_pattern(before + glob)
    excluded = parse_pattern(f"!{before}{glob}")
    assert {*paths(find_files([wanted], scope))} <= {"b"}
    found = find_files([parse_pattern("*.txt"), parse_pattern(".*.txt"), excluded], scope)
    assert paths(found) == [f".{LONG}.txt", f"{LONG}.txt"]


@pytest.mark.parametrize("name", [".gitignore", ".ccwignore"])
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("*a" * 12 + "b", id="stars"),
        pytest.param("*[ab]" * 12 + "?b", id="classes"),
        pytest.param("a/" + "*a" * 12 + "b", id="in-a-folder"),
        pytest.param("**/a" * 12 + "/b", id="folders"),
        pytest.param("**/*a*a" * 12 + "/**/b", id="folders-of-stars"),
        pytest.param("a/" + "**\\/a" * 12 + "/b", id="escaped-slashes"),
    ],
)
def test_ignore_rules(tmp_path: Path, name: str, rule: str) -> None:
    deep = "a/" * 40
    write(tmp_path, f"{LONG}.txt", f"{deep}{LONG}.txt")
    (tmp_path / name).write_text(f"{rule}\n!nothing*\n")
    found = find_files([parse_pattern("**/*.txt")], Scope(tmp_path, tmp_path))
    assert paths(found) == [f"{deep}{LONG}.txt", f"{LONG}.txt"]


def test_stars_go_back_for_nothing() -> None:
    assert translate("*a*b/**/c*d/**/e") == (r"(?>[^/]*?a)[^/]*b/(?>(?:.*?/)??c[^/]*d/)(?:.*/)?e")


@pytest.mark.parametrize(
    "glob",
    [
        pytest.param("!(a*)" * 5, id="inverse"),
        pytest.param("+(a" * 21 + ")" * 21, id="groups"),
        pytest.param("!(a*)" * 3 + "!(a" + "[ab]*" * 790 + ")", id="long"),
    ],
)
def test_more_groups_than_allowed(tmp_path: Path, glob: str) -> None:
    with pytest.raises(PatternError, match=r"too many groups; a part may have 20, of these 4"):
        find_files([parse_pattern(glob)], Scope(tmp_path, tmp_path))
