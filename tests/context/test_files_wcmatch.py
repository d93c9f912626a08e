"""The walk finds exactly what wcmatch finds, on random trees and patterns."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import bracex
import pytest
from wcmatch import glob

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import Pattern
from tests.context.trees import FOLDERS, STEMS, cases, make_tree

FLAGS = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.CASE
BATCHES = 20
PATTERNS_PER_TREE = 10
ATOMS = (
    "*", "*", "*", "?", "**", "*.py", "*.js", "*.{py,js}", "[ab]*", "[!a]*", "[a-z]*.py", "f?o",
    "*(a|b)*", "@(a|foo)*", "!(a)*", "!(*.py)", "?(a)b", "+(a|b)", "*.*", "a*", "*b", ".*", "a*.*",
    "***", "a**", "[[:alpha:]]*", "\\a", "[", "a[", "*[.]py", "{a,src}", "{a,b}*", "*é*",
    "*.test.*", "*.[jt]s", "a*.py", "foo*.js",
)  # fmt: skip


def random_glob(random: Random) -> str:
    """Return a glob of up to four parts."""
    parts = [
        random.choice([random.choice(ATOMS), random.choice(ATOMS), "**", random.choice(FOLDERS)])
        for _ in range(random.randint(1, 4))
    ]
    if random.random() < 0.1:
        parts[-1] = random.choice(STEMS) + random.choice(["", ".py", "*"])
    lead = random.choice(["", "", "", "", "./", "{src,lib}/", "**/"])
    return lead + "/".join(parts)


def expanded(globs: list[str], root: Path) -> list[str]:
    """Expand braces, and let a literal folder stand for all below it, as ccw promises."""
    result = []
    for one in (g for whole in globs for g in bracex.expand(whole, keep_escapes=True)):
        bare = one.replace("\\a", "a")
        below = not glob.is_magic(bare, flags=glob.EXTGLOB) and (root / bare).is_dir()
        result += [f"{one}/**"] if below else [one]
    return result


def expected(globs: list[str], excluded: list[str], root: Path) -> set[str]:
    """Return the files that wcmatch finds; to its exclusions `./a` and `a` are two things."""
    exclude = expanded(excluded, root)
    found = glob.glob(
        expanded([one.removeprefix("./") for one in globs], root),
        flags=FLAGS & ~glob.BRACE,
        root_dir=str(root),
        exclude=exclude or None,
    )
    return {os.path.normpath(path) for path in found if (root / path).is_file()}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_equals_wcmatch(batch: int, tmp_path: Path) -> None:
    done = 0
    while done < cases(2400) / BATCHES:
        random = Random(f"{batch}-{done}")
        root = tmp_path / str(done)
        make_tree(root, random, links=True)
        for _ in range(PATTERNS_PER_TREE):
            globs = [random_glob(random) for _ in range(random.choice([1, 1, 1, 3]))]
            excluded = [
                random_glob(random).removeprefix("./") for _ in range(random.choice([0, 0, 0, 2]))
            ]
            patterns = [Pattern(f"@{one}", one) for one in globs]
            patterns += [Pattern(f"@!{one}", one, exclude=True) for one in excluded]
            found = find_files(patterns, Scope(root, root, allow_missing=True))
            assert {file.path for file in found.files} == expected(globs, excluded, root), (
                globs,
                excluded,
                sorted(str(p.relative_to(root)) for p in root.rglob("*")),
            )
            done += 1
