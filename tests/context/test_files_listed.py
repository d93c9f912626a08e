"""Files that are only listed: the same ones, without their status."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import scan
from ccw.context.scope import UNSEEN
from ccw.context.session import PackRequest, stream_context
from tests.context.finding import write
from tests.context.packs import read_pack


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    write(root, "a.py", "src/b.py", "src/é.c", "src/é.h", "src/.x/c.py", "other.key/d.py", "k.pem")
    write(root, "dir.py/e.py", "x.pyc", "README", "README.rst", "conf.json", "credentials.json")
    write(tmp_path / "outside", "f.py", "g.py")
    (root / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside" / "inner").symlink_to(root / "src")
    (root / "link.py").symlink_to(root / "a.py")
    (root / "nowhere.py").symlink_to(root / "gone")
    os.mkfifo(root / "fifo.py")
    return root


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("@**/*.py", id="one-suffix"),
        pytest.param("@**", id="all"),
        pytest.param("@**/*.py @a.py", id="named-exactly-too"),
        pytest.param("@**/*.py @a.py:1-2", id="with-lines"),
        pytest.param("@**/*.py @**/R* @**/*.[ch] @**/*.json @**/credentials*", id="many-shapes"),
        pytest.param("@link/*.py @src/**", id="through-a-symlink"),
        pytest.param("@link/inner/*.py @link/*.py", id="through-two-symlinks"),
        pytest.param("@**/.x/*.py @**/*.key/*", id="named-folders"),
        pytest.param("@** @!**/a.py @!src/**", id="exclusions"),
        pytest.param("@{a,src/b}.py @**/dir.py", id="names"),
        pytest.param("@../outside/*.py @*.py", id="two-roots"),
    ],
)
def test_listed_is_what_is_found(root: Path, prompt: str) -> None:
    scope = Scope(root, root, (root.parent / "outside",), allow_missing=True)
    patterns = scan(prompt).patterns
    found, listed = find_files(patterns, scope), find_files(patterns, scope, inspect=False)
    assert [file._replace(stamp=UNSEEN) for file in listed.files] == [
        file._replace(stamp=UNSEEN) for file in found.files
    ]
    assert (listed.skipped, listed.matched) == (found.skipped, found.matched)
    assert (listed.failed, listed.notes) == (found.failed, found.notes)
    assert list(listed.files[1:]) == list(listed.files)[1:]


def test_a_folder_with_the_name_of_a_secret_is_none(tmp_path: Path) -> None:
    """What is kept of a name that was met is about files; folders may have the same name."""
    names = ("credentials", "key.pem", "README.md")
    write(tmp_path, *names, *(f"a/b/{name}/x.md" for name in names))
    found = find_files(scan("@**/*.md @**/R* @**").patterns, Scope(tmp_path, tmp_path))
    assert [file.path for file in found.files] == [
        *("README.md", "a/b/README.md/x.md", "a/b/credentials/x.md", "a/b/key.pem/x.md")
    ]
    assert [left.path for left in found.skipped] == ["credentials", "key.pem"]


def test_a_file_too_large_is_left_out_where_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, "big.txt", text="x" * 2001)
    write(tmp_path, "fits.txt", text="x" * 2000)
    pieces: list[bytes] = []
    scope = Scope(tmp_path, tmp_path, max_file_size=2000)
    stream_context(PackRequest(scope, scan("@*.txt").patterns), pieces.append)
    files, left_out = read_pack(b"".join(pieces))
    assert [file.path for file in files] == ["fits.txt"]
    assert left_out == ["- big.txt: larger than 2,000 bytes: 2,001 (--max-file-size)"]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("é.c", id="name"),
        pytest.param("*é.c", id="ending"),
        pytest.param("é*", id="start"),
        pytest.param("[^a]*/é.c", id="name-below-a-class"),
        pytest.param("**/***/é.c", id="name-below-stars"),
        pytest.param("s?c/?*.c", id="wildcards"),
    ],
)
def test_rules_beyond_ascii_hold(tmp_path: Path, rule: str) -> None:
    write(tmp_path, "src/é.c", "src/b.py")
    (tmp_path / ".gitignore").write_text(f"{rule}\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    asked = ["git", "-C", str(tmp_path), "check-ignore", "-q", "src/é.c"]
    assert subprocess.run(asked, check=False).returncode == 0
    found = find_files(scan("@src/**").patterns, Scope(tmp_path, tmp_path))
    assert [file.path for file in found.files] == ["src/b.py"]
