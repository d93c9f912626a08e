"""Finding files against a bare os.scandir walk, wcmatch, and itself without ignore rules.

    python benchmarks/walk.py [--corpora FOLDER] [--rounds 9]

All in one process, warm, in turns; ratios of median CPU times, for nothing here waits. Both sides
return the relative paths of files and ask nothing else about them: ccw takes sizes and times when
it opens a file to read it.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from corpora import django, large, large_ignoring, parser
from harness import interleaved, print_machine, print_ratio
from wcmatch import glob

from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import parse_pattern

FLAGS = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB
DJANGO_MIXED = (
    "**/*.py", "**/*.js", "**/*.css", "**/test_*.html", "**/Makefile", "**/*.{yml,yaml}",
    "django/**/*.txt", "docs/*/*.txt", "tests/gis_tests/**", "**/conf*.py", "*.rst", "**/*_test.po",
    "django/contrib/**/*.[jt]s", "**/README*", "**/LICENSE", "**/*.toml", "**/*.cfg",
    "scripts/**/m*.py", "**/__init__.py", "**/locale/*.txt",
)  # fmt: skip
LARGE_MIXED = (
    "**/*.c", "**/*.py", "**/*.json", "**/test_*.sh", "**/Makefile_0", "**/*.{yml,yaml}",
    "d1/**/*.txt", "d2/*/*.h", "d3/**", "**/conf*.rst", "*.md", "**/*_4.dts",
    "d4/**/*.[hS]", "**/README*", "**/Kconfig_1", "**/*.toml", "**/*.cfg", "d5/**/io*.h",
    "**/main_0.h", "**/d7/*.txt",
)  # fmt: skip
WALKED = {"Django": "**/*.py", "large": "**/*.c"}
Run = Callable[[], object]


def main() -> None:
    """Make the trees, measure, print."""
    options = parser(__doc__).parse_args()
    print_machine()
    trees = {"Django": django(options.corpora, ignoring=False), "large": large(options.corpora)}
    mixed = {"Django": DJANGO_MIXED, "large": LARGE_MIXED}
    for name, root in trees.items():
        against_the_walk(name, root, mixed[name], options.rounds)
    with_ignore_rules(trees["large"], large_ignoring(options.corpora), options.rounds)


def against_the_walk(name: str, root: Path, mixed: tuple[str, ...], rounds: int) -> None:
    """Print how long finding takes beside walking the tree at *root* and beside wcmatch."""
    inner = next(path for path in sorted(root.glob("*/*")) if path.is_dir()).relative_to(root)
    suffix = WALKED[name].removeprefix("**/*")
    medians = measured(
        {
            "walk": partial(bare_walk, str(root)),
            "walk, filtered": partial(bare_walk, str(root), suffix),
            "one": search(root, WALKED[name]),
            "mixed": search(root, *mixed),
            "wcmatch": partial(glob.glob, list(mixed), flags=FLAGS, root_dir=str(root)),
            "prefix": search(root, f"{inner}/*{suffix}"),
        },
        rounds,
    )
    walk = f"os.scandir walk ({name})"
    print_ratio(WALKED[name], medians["one"], walk, medians["walk"], 1.3)
    filtered = f"the same, keeping *{suffix} alone"
    print_ratio(WALKED[name], medians["one"], filtered, medians["walk, filtered"], 1.3)
    print_ratio("20 patterns", medians["mixed"], walk, medians["walk"], 1.5)
    print_ratio("20 patterns", medians["mixed"], "wcmatch.glob", medians["wcmatch"], 0.13)
    if name == "large":
        print_ratio(f"{inner}/*{suffix}", medians["prefix"], walk, medians["walk"], 0.02)


def with_ignore_rules(plain: Path, ignoring: Path, rounds: int) -> None:
    """Print what 350 ignore files add to finding in the tree without them."""
    medians = measured(
        {
            "one, off": search(plain, "**/*.c"),
            "one, on": search(ignoring, "**/*.c"),
            "all, off": search(plain, "**"),
            "all, on": search(ignoring, "**"),
        },
        rounds,
    )
    peer = "without ignore files"
    print_ratio("**/*.c, 350 ignore files", medians["one, on"], peer, medians["one, off"], 1.8)
    print_ratio("**, 350 ignore files", medians["all, on"], peer, medians["all, off"], 2.5)


def bare_walk(root: str, suffix: str = "") -> list[str]:
    """Return the relative paths of the files below *root*, without dot entries."""
    stack, found = [(root, "")], []
    while stack:
        folder, below = stack.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    stack.append((entry.path, f"{below}{name}/"))
                elif not suffix or name.endswith(suffix):
                    found.append(below + name)
    return found


def search(root: Path, *globs: str) -> Run:
    """Return a search for *globs* below *root* that lists files."""
    patterns = [parse_pattern(one) for one in globs]
    scope = Scope(root, root, allow_missing=True)
    return lambda: find_files(patterns, scope, inspect=False)


def measured(runs: dict[str, Run], rounds: int) -> dict[str, float]:
    """Return the median seconds of each of *runs*."""
    return interleaved({name: partial(timed, run) for name, run in runs.items()}, rounds)


def timed(run: Run) -> float:
    """Return the seconds of one run that starts without garbage of the one before."""
    gc.collect()
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
