"""Random trees for the differential tests; each follows from the seed of its case."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

STEMS = ["a", "b", "ab", "foo", "bar", "x1", "Foo", "é", "a-b", "t_test"]
SUFFIXES = ["", ".py", ".js", ".c", ".test.js", ".tar.gz", ".", ".PY"]
FOLDERS = ["a", "b", "src", "lib", "foo", ".hid", "é", "a.b"]


CASES = os.environ.get("CCW_TEST_CASES")  # read now: each test's environment is emptied


def cases(per_run: int) -> int:
    """Return how many cases to try: CCW_TEST_CASES, or *per_run* of an ordinary run."""
    return int(CASES or per_run)


def file_name(random: Random) -> str:
    """Return a random file name, hidden at times."""
    hidden = "." if random.random() < 0.12 else ""
    return hidden + random.choice(STEMS) + random.choice(SUFFIXES)


def make_tree(root: Path, random: Random, *, links: bool) -> list[str]:
    """Fill *root* with folders, files and (with *links*) symlinks inside it; return the folders."""
    folders = [""]
    for _ in range(random.randint(3, 9)):
        folders.append(os.path.join(random.choice(folders), random.choice(FOLDERS)))
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in folders:
        for _ in range(random.randint(0, 4)):
            _touch(root / folder / file_name(random))
    if links:
        for _ in range(random.randint(0, 3)):
            link = root / random.choice(folders) / random.choice(["link", "a", "ln.py"])
            target = root / random.choice(folders[1:])
            if not os.path.lexists(link):
                link.symlink_to(random.choice([target, *list(target.iterdir())[:1]]))
    return folders


def _touch(path: Path) -> None:
    if not path.exists():
        path.touch()
