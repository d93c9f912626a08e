"""Ignore rules mean what git means, on random nested ignore files; git itself is asked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import Pattern
from tests.context.trees import FOLDERS, STEMS, SUFFIXES, cases, make_tree

BATCHES = 20
ATOMS = (
    "*", "*", "**", "*.py", "*.js", "?", "f?o", "[ab]", "[!a]*", "[^a]*", "[a-f]*", "[]a]*",
    "[a\\]]*", "[[:alpha:]]*", "[a", "a*b", "a**", "foo**", "**o", "*.test.*", "*.", "\\a", "\\*",
    "***", "*é*", "a-b", ".*", "x[0-9]", "a\\", "[b-]*", "?*", "*a*o*", "*[ab]*.*",
)  # fmt: skip


def random_rule(random: Random) -> str:
    """Return a line of an ignore file, malformed at times."""
    parts = [
        random.choice([random.choice(ATOMS), random.choice(FOLDERS), _name(random)])
        for _ in range(random.choice([1, 1, 1, 2, 2, 3]))
    ]
    line = random.choice(["", "", "", "/", "**/"]) + "/".join(parts)
    line += random.choice(["", "", "", "/", "/**", "/*", " ", "\\ ", "//"])
    return random.choice(["", "", "", "!", "!", "!", "#", "\\!", "\\#"]) + line


def _name(random: Random) -> str:
    return random.choice(STEMS) + random.choice(SUFFIXES)


def write_ignore_file(folder: Path, random: Random) -> None:
    """Write a `.gitignore` of a few random rules, with the line ends of random systems."""
    ends = random.choice(["\n", "\n", "\r\n"])
    text = random.choice(["", "", "\ufeff"]) + ends.join(
        random_rule(random) for _ in range(random.randint(1, 5))
    )
    (folder / ".gitignore").write_bytes((text + random.choice(["", ends])).encode())


def kept_by_git(root: Path, paths: list[str]) -> set[str]:
    """Return those of *paths* that git does not ignore."""
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=root,
        input=b"\0".join(map(os.fsencode, paths)),
        stdout=subprocess.PIPE,
        check=False,
    )
    return set(paths) - {os.fsdecode(path) for path in asked.stdout.split(b"\0")}


def all_files(root: Path) -> list[str]:
    """Return all files that a glob may meet."""
    return [
        os.path.relpath(os.path.join(folder, name), root)
        for folder, folders, names in os.walk(root)
        for name in names
        if not name.startswith(".") and "/." not in folder[len(str(root)) :]
    ]


def make_case(root: Path, random: Random) -> None:
    """Fill *root* with a tree and up to four ignore files."""
    folders = make_tree(root, random, links=False)
    for folder in {"", *random.sample(folders, k=min(3, len(folders)))}:
        write_ignore_file(root / folder, random)


def differences(root: Path, taken: set[str], kept: set[str]) -> dict[str, dict[str, str]]:
    """Return for each case that differs its ignore files, to see what was misread."""
    cases = {path.partition("/")[0] for path in taken ^ kept}
    return {
        case: {str(path): path.read_text() for path in sorted((root / case).rglob(".gitignore"))}
        for case in sorted(cases)
    }


@pytest.mark.parametrize("batch", range(BATCHES))
def test_equals_git(batch: int, tmp_path: Path) -> None:
    """Each case is a tree of its own in one repository, so that git is asked once per batch."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for number in range(cases(2400) // BATCHES):
        make_case(tmp_path / str(number), Random(f"{batch}-{number}"))
    kept = kept_by_git(tmp_path, all_files(tmp_path))
    found = find_files([Pattern("@**", "**")], Scope(tmp_path, tmp_path, allow_missing=True))
    taken = {file.path for file in found.files}
    assert taken == kept, differences(tmp_path, taken, kept)
    assert len(kept) > 100
