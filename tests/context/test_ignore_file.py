"""An ignore file that is there and cannot be used: git's is told of, ccw's own stops the search."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.context.explain import explain
from ccw.context.files.find import Scope
from ccw.context.path_completion import complete_path
from ccw.context.patterns import scan
from ccw.errors import IgnoreFileUnusable
from tests.context.finding import find, left_out, paths, write
from tests.nobody import open_to_all, run_as_nobody

SYMLINK = "it is a symlink, which is not followed"
OTHER = "it is no regular file"


def a_symlink(path: Path) -> None:
    path.symlink_to(path.parent / "rules.txt")


def a_dangling_symlink(path: Path) -> None:
    path.symlink_to("nowhere")


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def in_utf_16(path: Path) -> None:
    path.write_text("*.py\n", encoding="utf-16")


def in_latin_1(path: Path) -> None:
    path.write_bytes("grün.py\n".encode("latin-1"))


KINDS = [
    pytest.param(a_symlink, SYMLINK, id="symlink"),
    pytest.param(a_dangling_symlink, SYMLINK, id="dangling"),
    pytest.param(a_loop, SYMLINK, id="loop"),
    pytest.param(a_folder, OTHER, id="folder"),
    pytest.param(a_fifo, OTHER, id="fifo"),
    pytest.param(in_utf_16, "it is UTF-16, not UTF-8", id="utf-16"),
]

# git takes such letters as bytes, which name the files of few systems
IN_LATIN_1 = pytest.param(in_latin_1, "it is not UTF-8", id="latin-1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "a.py", "src/b.py")
    write(tmp_path, "rules.txt", "src/rules.txt", text="*.py\n")
    return tmp_path


@pytest.mark.parametrize("folder", ["", "src/"])
@pytest.mark.parametrize(("make", "why"), KINDS)
def test_a_gitignore_is_told_of(
    root: Path, make: Callable[[Path], None], why: str, folder: str
) -> None:
    """git does not use it either, but says so."""
    make(root / folder / ".gitignore")
    note = f"the rules of {folder}.gitignore do not hold: {why}"
    found = find(root, "@**/*.py")
    assert (paths(found), found.notes, left_out(found)) == (["a.py", "src/b.py"], (note,), {})
    told = explain("src/b.py", scan("@**/*.py").patterns, Scope(root, root))
    assert (told.included, told.notes) == (True, (note,))
    assert str(told) == f"src/b.py: in\n  matched by @**/*.py\n  note: {note}"


@pytest.mark.parametrize("prompt", ["@**/*.py", "@src/", "@src/*"])
@pytest.mark.parametrize("folder", ["", "src/"])
@pytest.mark.parametrize(("make", "why"), [*KINDS, IN_LATIN_1])
def test_an_own_one_stops_the_search(
    root: Path, make: Callable[[Path], None], why: str, folder: str, prompt: str
) -> None:
    make(root / folder / ".ccwignore")
    with pytest.raises(IgnoreFileUnusable) as caught:
        find(root, prompt, allow_missing=True)
    assert str(caught.value) == (
        f"{folder}.ccwignore cannot be used: {why}; it may exclude files that would be sent: "
        "put a text file in UTF-8 in its place, or remove it"
    )
    assert caught.value.exit_code == 3
    with pytest.raises(IgnoreFileUnusable):
        explain("src/b.py", scan(prompt).patterns, Scope(root, root))
    with pytest.raises(IgnoreFileUnusable):
        complete_path("src/", Scope(root, root))


@pytest.mark.parametrize("content", ["*.py\n".encode("utf-16-be"), b"*.py\n\0"])
def test_an_own_one_with_a_nul_stops_the_search(root: Path, content: bytes) -> None:
    (root / ".ccwignore").write_bytes(content)
    with pytest.raises(IgnoreFileUnusable, match="it is no text, it holds a NUL"):
        find(root, "@**/*.py")


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte-order-mark"])
def test_an_own_one_in_utf_8_holds(root: Path, mark: str) -> None:
    write(root, "grün.py")
    (root / ".ccwignore").write_text(f"{mark}grün.py\n", encoding="utf-8")
    found = find(root, "@*.py")
    assert (paths(found), found.notes) == (["a.py"], ())


def test_a_file_named_exactly_needs_no_ignore_file(root: Path) -> None:
    a_folder(root / ".ccwignore")
    assert paths(find(root, "@src/b.py")) == ["src/b.py"]


def test_one_beside_the_way_is_not_asked(root: Path) -> None:
    a_folder(root / "src" / ".ccwignore")
    assert paths(find(root, "@*.py")) == ["a.py"]


def test_what_a_repository_keeps_to_itself_may_be_a_symlink(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    exclude = root / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.unlink(missing_ok=True)
    exclude.symlink_to(root / "rules.txt")
    asked = ["git", "check-ignore", "src/b.py"]
    assert subprocess.run(asked, cwd=root, capture_output=True, check=False).returncode == 0
    found = find(root, "@**/*", allow_missing=True)
    assert paths(found) == ["rules.txt", "src/rules.txt"]


def test_a_dangling_exclude_holds_no_rules(root: Path) -> None:
    (root / ".git" / "info").mkdir(parents=True)
    (root / ".git" / "info" / "exclude").symlink_to("nowhere")
    assert find(root, "@**/*.py").notes == ()


LOOK = """
from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import parse_pattern
from ccw.errors import CcwError
root = Path(sys.argv[1])
try:
    found = find_files([parse_pattern(p) for p in sys.argv[2:]], Scope(root, root))
    print([file.path for file in found.files], *found.notes)
except CcwError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            ".gitignore",
            "['a.py', 'src/b.py'] the rules of .gitignore do not hold: it cannot be read "
            "(Permission denied)\n",
        ),
        (
            ".ccwignore",
            ".ccwignore cannot be used: it cannot be read (Permission denied); it may exclude "
            "files that would be sent: put a text file in UTF-8 in its place, or remove it\n",
        ),
    ],
)
def test_without_permission(root: Path, name: str, expected: str) -> None:
    write(root, name, text="*.py")
    (root / name).chmod(0o000)
    open_to_all(root)
    done = run_as_nobody(LOOK, str(root), "**/*.py")
    assert (done.stderr, done.stdout) == ("", expected)


def test_a_folder_that_may_not_be_entered_hides_no_ignore_file(root: Path) -> None:
    write(root, "closed/b.py")
    (root / "closed").chmod(0o000)
    open_to_all(root)
    done = run_as_nobody(LOOK, str(root), "*/b.py")
    (root / "closed").chmod(0o755)
    assert (done.stderr, done.stdout) == ("", "['src/b.py']\n")
