"""File patterns choose the prefix that is worth caching; the other files follow it."""

from __future__ import annotations

import pytest

from ccw.context.files.find import FoundFile, Stamp
from ccw.context.pack.assemble import Plan, plan
from ccw.context.pack.prefix import prefix_matcher

PATHS = (".env.example", "README.md", "docs/a.md", "docs/old/b.md", "src/a.py", "src/x/b.py")


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        pytest.param(["*.md"], {"README.md", "docs/a.md", "docs/old/b.md"}, id="base-name"),
        pytest.param(["docs/*.md"], {"docs/a.md"}, id="in-a-folder"),
        pytest.param(["docs/**"], {"docs/a.md", "docs/old/b.md"}, id="below"),
        pytest.param(["docs/"], {"docs/a.md", "docs/old/b.md"}, id="folder"),
        pytest.param(["**/b.*"], {"docs/old/b.md", "src/x/b.py"}, id="at-any-depth"),
        pytest.param(["src/**/*.py"], {"src/a.py", "src/x/b.py"}, id="globstar-is-also-nothing"),
        pytest.param(["./src/a.py", "@README.md"], {"src/a.py", "README.md"}, id="as-in-prompts"),
        pytest.param(["{src,docs}/a.*"], {"src/a.py", "docs/a.md"}, id="braces"),
        pytest.param(
            ["[ab].py", "@(x|README).md"], {"src/a.py", "src/x/b.py", "README.md"}, id="class"
        ),
        pytest.param(["*"], set(PATHS), id="all"),
        pytest.param(["nothing"], set(), id="none"),
    ],
)
def test_prefix_matcher(globs: list[str], expected: set[str]) -> None:
    matches = prefix_matcher(globs)
    assert {path for path in PATHS if matches(path)} == expected


def test_the_prefix_comes_first_and_both_halves_are_in_order() -> None:
    files = {path: FoundFile(path, "", Stamp(0, 0, 0, 0)) for path in reversed(PATHS)}
    assert plan(files.values(), ["*.py", "docs/a.md"]) == Plan(
        tuple(
            files[path]
            for path in (
                "docs/a.md",
                "src/a.py",
                "src/x/b.py",
                ".env.example",
                "README.md",
                "docs/old/b.md",
            )
        ),
        prefix=3,
    )


def test_many_folders_of_any_depth_take_no_time() -> None:
    matches = prefix_matcher(["**/a" * 16 + "/b"])
    assert not matches("a/" * 120 + "c")
    assert matches("a/" * 120 + "b")
