"""Measure the file search against a bare os.scandir walk and wcmatch, on a tree that it makes.

    python benchmarks/walk.py [--files 30000] [--rounds 7]

Prints the median of paired runs in milliseconds and as a ratio to the bare walk.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from wcmatch import glob

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import parse_pattern

SUFFIXES = [".py"] * 8 + [".txt"] * 4 + [".po", ".mo", ".html", ".js", ".css", ".rst", ".json", ""]
MIXED = (
    "**/*.py", "**/*.js", "**/*.css", "**/test_*.html", "**/Makefile", "**/*.{yml,yaml}",
    "d1/**/*.txt", "d2/*/*.json", "d3/**", "**/conf*.rst", "*.md", "**/*_test.po",
    "d4/**/*.[ch]", "**/README*", "**/LICENSE", "**/*.toml", "**/*.cfg", "d5/**/f1*.po",
    "**/__init__.py", "**/d7/*.txt",
)  # fmt: skip
Run = Callable[[], object]


def make_tree(root: Path, files: int) -> None:
    """Fill *root* with about *files* empty files, a dozen to a folder."""
    random = Random(7)
    folders = [root]
    while len(folders) * 12 < files:
        parent = random.choice(folders)
        if len(parent.parts) - len(root.parts) < 5:
            folders.append(parent / f"d{len(folders)}")
            folders[-1].mkdir()
    for folder in folders:
        for number in range(12):
            (folder / f"f{number}{random.choice(SUFFIXES)}").touch()


def add_ignore_files(root: Path) -> None:
    """Write some 1 % as many ignore files as there are folders."""
    (root / ".gitignore").write_text(
        "*.o\n*.a\n*.so\n*.mo\n.*\n!.gitignore\n/d3/x/*.c\nvmlinux\ntags\n*.orig\n*~\n\\#*#\n"
    )
    folders = [Path(folder) for folder, _, _ in os.walk(root)]
    for number, folder in enumerate(sorted(folders)[1::100]):
        (folder / ".gitignore").write_text(f"f{number % 12}.json\n*.log\n/gen/*.h\n!keep.log\n")


def bare(root: str, suffix: str) -> int:
    """Walk with os.scandir alone and count what ends in *suffix*."""
    stack, count = [root], 0
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                elif entry.name.endswith(suffix):
                    count += 1
    return count


def collecting(root: str, suffix: str) -> list[tuple[str, os.stat_result]]:
    """Walk as `bare` does, and take the status of what is found."""
    stack, found = [root], []
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                elif entry.name.endswith(suffix):
                    found.append((entry.path, entry.stat(follow_symlinks=False)))
    return found


def milliseconds(run: Run) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def report(title: str, run: Run, base: Run, rounds: int) -> None:
    """Print the medians of *run* and *base*, run in turns, and their ratio."""
    pairs = [(milliseconds(run), milliseconds(base)) for _ in range(rounds)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{title:58} {mine:8.1f} ms {theirs:8.1f} ms  x{ratio:.3f}")


def search(root: Path, *globs: str) -> Run:
    """Return a search for *globs* below *root*."""
    patterns = [parse_pattern(one) for one in globs]
    scope = Scope(root, root, allow_missing=True)
    return lambda: find_files(patterns, scope)


def main() -> None:
    """Make the tree, measure, and remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(os.path.realpath(folder))
        make_tree(root, options.files)
        measure(root, options.rounds)


def measure(root: Path, rounds: int) -> None:
    """Print all figures for the tree at *root*."""
    walk = lambda: bare(str(root), ".py")  # noqa: E731
    every = lambda: bare(str(root), "")  # noqa: E731
    flags = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB
    search(root, *MIXED)()
    report("**/*.py / bare walk", search(root, "**/*.py"), walk, rounds)
    report("**/*.zzz (none) / bare walk", search(root, "**/*.zzz"), walk, rounds)
    report(
        "**/*.py / walk with stat",
        search(root, "**/*.py"),
        lambda: collecting(str(root), ".py"),
        rounds,
    )
    report("20 mixed / bare walk", search(root, *MIXED), walk, rounds)
    report(
        "20 mixed / walk with stat of all",
        search(root, *MIXED),
        lambda: collecting(str(root), ""),
        rounds,
    )
    report(
        "20 mixed / wcmatch",
        search(root, *MIXED),
        lambda: glob.glob(list(MIXED), flags=flags, root_dir=str(root)),
        rounds,
    )
    report("d1/f1* / bare walk", search(root, "d1/f1*"), walk, rounds)
    report("** / bare walk", search(root, "**"), every, rounds)
    off, off_all = search(root, "**/*.py"), search(root, "**")
    before = [statistics.median(milliseconds(run) for _ in range(rounds)) for run in (off, off_all)]
    add_ignore_files(root)
    after = [statistics.median(milliseconds(run) for _ in range(rounds)) for run in (off, off_all)]
    print(f"ignore files, **/*.py: on / off x{after[0] / before[0]:.2f}")
    print(f"ignore files, **: on / off x{after[1] / before[1]:.2f}")


if __name__ == "__main__":
    main()
