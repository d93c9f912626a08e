"""From patterns to what the walk needs: exact paths, and globs with the folder they start from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ccw.context.files.globs import expand_braces, has_magic, split_parts, unescaped
from ccw.context.files.plan import GLOBSTAR, Glob
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope
from ccw.errors import PatternError

MAX_GLOBS = 20_000  # of all patterns together, with their braces expanded


class Target(NamedTuple):
    """One glob of the pattern number `pattern`: `parts` below the absolute folder `base`.

    Without `parts`, `base` is the one path that is meant; `dir_only` when a slash ends it.
    """

    pattern: int
    base: str
    parts: tuple[str, ...] = ()
    dir_only: bool = False


def targets_of(patterns: Sequence[Pattern], scope: Scope) -> list[Target]:
    """Expand the braces of *patterns* and find where each glob starts."""
    cwd = os.path.realpath(scope.cwd)
    found: list[Target] = []
    for number, pattern in enumerate(patterns):
        found.extend(_targets(number, pattern, cwd, scope))
        if len(found) > MAX_GLOBS:
            raise PatternError(
                f"the patterns stand for more than {MAX_GLOBS:,} globs with their braces expanded; "
                "use * instead of long lists"
            )
    return found


def globs_of(target: Target) -> Glob:
    """Return the target as a glob from the file system's root."""
    return Glob((*_literals(target.base), *target.parts), target.pattern)


def excluding_globs(target: Target) -> list[Glob]:
    """Return the globs of an exclusion; one that names a folder holds for all below it."""
    parts = (*_literals(target.base), *target.parts)
    names = [] if target.dir_only and not target.parts else [parts]
    names += [] if target.parts else [(*parts, GLOBSTAR)]
    return [Glob(name, target.pattern, exclude=True) for name in names]


def _targets(number: int, pattern: Pattern, cwd: str, scope: Scope) -> Iterator[Target]:
    for glob in expand_braces(pattern.glob):
        if not glob:
            continue
        start, rest = _start(glob, cwd, scope)
        yield _target(number, pattern, start, rest)


def _start(glob: str, cwd: str, scope: Scope) -> tuple[str, str]:
    """Return the folder that *glob* is relative to, and the glob from there."""
    if scope.home is not None and (glob == "~" or glob.startswith("~/")):
        return str(scope.home), glob[2:]
    return ("/", glob) if glob.startswith("/") else (cwd, glob)


def _target(number: int, pattern: Pattern, start: str, rest: str) -> Target:
    parts = split_parts(rest)
    dir_only = rest.endswith("/") or not parts or parts[-1] in (".", "..")
    literal = 0
    while literal < len(parts) and not has_magic(parts[literal]) and parts[literal] != GLOBSTAR:
        literal += 1
    names = [unescaped(part) for part in parts[:literal]]
    globs = [part for part in parts[literal:] if part != "."]
    if ".." in globs:
        raise PatternError(f"{pattern.written}: write `..` before the first wildcard")
    base = _joined(start, names)
    if not globs:
        return Target(number, base, (), dir_only)
    return Target(number, base, (*globs, GLOBSTAR) if dir_only else tuple(globs))


def _joined(start: str, names: Sequence[str]) -> str:
    """Join *names* to *start*; `..` goes up from where symlinks lead, as the system does."""
    path = start
    for name in names:
        if name == "..":
            path = os.path.dirname(os.path.realpath(path))
        elif name != ".":
            path = os.path.join(path, name)
    return path


def _literals(path: str) -> list[str]:
    """Return the parts of *path* written so that they stand for themselves in a glob."""
    return [re.sub(r"([\\*?\[\]()@+!])", r"\\\1", name) for name in path.split("/") if name]
