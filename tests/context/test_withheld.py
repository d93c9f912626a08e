"""Which files that are gone from a pack are kept from an overlay, also where there are many."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccw.context.withheld import withheld
from tests.context.caches import run_python
from tests.context.finding import write
from tests.context.packs import scope_of

COUNTING = """
    import os, sys
    from pathlib import Path
    from ccw.context.scope import Scope
    from ccw.context.withheld import withheld

    opened = []
    def hook(event, arguments):
        if event == "open" and str(arguments[0]).endswith(".gitignore"):
            opened.append(arguments[0])
    sys.addaudithook(hook)
    project = Path(sys.argv[1])
    gone = [f"d{number % 5}/e/f{number}" for number in range(100)]
    print(len(withheld(gone, Scope(project, project))), len(opened), len(set(opened)))
"""


def test_each_ignore_file_is_read_once(tmp_path: Path) -> None:
    """Deleted files stay in an overlay for many calls, each of which asks again."""
    write(tmp_path, *(f"d{number}/e/kept" for number in range(5)))
    (tmp_path / ".gitignore").write_text("*7\n")
    done = run_python(COUNTING, str(tmp_path))
    assert (done.stdout, done.stderr) == ("10 11 11\n", "")


@pytest.mark.parametrize("reverse", [False, True])
def test_rules_of_many_folders(tmp_path: Path, reverse: bool) -> None:
    """A folder's own repository starts anew only outside of the project."""
    project = tmp_path / "project"
    write(project, "a/.git/HEAD", "a/b/kept", "c/kept", "d/kept", "node_modules/kept")
    write(tmp_path, "beside/kept", "other/.git/HEAD")
    (project / ".gitignore").write_text("*.log\n/d/\n")
    (project / "a/.gitignore").write_text("!x.log\n")
    (project / "a/b/.ccwignore").write_text("x.log\ny\n")
    (tmp_path / "other/.gitignore").write_text("y\n")
    names = ("x.log", "y")
    folders = ("", "a/", "a/b/", "c/", "d/", "node_modules/", "../beside/", "../other/")
    paths = sorted((f"{folder}{name}" for folder in folders for name in names), reverse=reverse)
    scope = scope_of(project)
    assert withheld(paths, scope) == {path for path in paths if withheld([path], scope)}
    assert sorted(withheld(paths, scope)) == [
        *("../other/y", "a/b/x.log", "a/b/y", "c/x.log", "d/x.log", "d/y"),
        *("node_modules/x.log", "node_modules/y", "x.log"),
    ]
