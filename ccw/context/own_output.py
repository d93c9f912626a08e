"""A pack that is written into a folder that it packs: its own file is no part of it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from ccw.context.files.contain import printable
from ccw.context.files.globs import has_magic
from ccw.context.files.search import Search
from ccw.context.patterns import Pattern
from ccw.context.scope import Scope
from ccw.errors import UsageError

_MAGIC = re.compile(r"([\\*?\[\](){}@+!|,~-])")


def excluding_output(output: Path, patterns: Sequence[Pattern], scope: Scope) -> Pattern | None:
    """Return the pattern that leaves out the file *output*, None where no pattern takes it.

    UsageError where one names it: what is asked for would replace what it is made of.
    """
    location = os.path.realpath(output)
    takers = _takers(location, patterns, scope)
    if not takers:
        return None
    if any(_names(location, pattern, scope) for pattern in takers):
        raise UsageError(
            f"{printable(str(output))} is a file to pack, and writing the pack would replace it; "
            "write to another file"
        )
    glob = _MAGIC.sub(r"\\\1", location)
    return Pattern(f"@!{glob}", glob, exclude=True, strict=True)


def _takers(location: str, patterns: Sequence[Pattern], scope: Scope) -> list[Pattern]:
    """Return the patterns that take the file; the walk is spared where none could."""
    if not os.path.isfile(location):
        return []
    search = Search(patterns, scope)
    if not search.matching(location) and not any(_names(location, p, scope) for p in patterns):
        return []
    search.run(inspect=False)
    search.unmatched()  # takes those that are spelled like a glob
    shown = search.collector.shown(location)
    return [patterns[number] for number in sorted(search.collector.takers.get(shown, ()))]


def _names(location: str, pattern: Pattern, scope: Scope) -> bool:
    """Whether *pattern* is the path of the file itself, and no folder or glob."""
    path = os.path.realpath(os.path.join(scope.cwd, pattern.glob))
    return path == location and (not has_magic(pattern.glob) or os.path.isfile(path))
