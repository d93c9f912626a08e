"""A pack that is written into a folder that it packs: its own file is no part of it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ccw.context.files.contain import containing, printable
from ccw.context.files.globs import has_magic
from ccw.context.files.search import Search
from ccw.context.patterns import Pattern
from ccw.context.scope import Scope
from ccw.errors import UsageError

HEAD = 8192  # bytes, more than any path is long
_MAGIC = re.compile(r"([\\*?\[\](){}@+!|,~-])")


def excluding_output(
    output: Path,
    patterns: Sequence[Pattern],
    scope: Scope,
    is_earlier: Callable[[bytes], bool],
) -> tuple[Pattern, ...]:
    """Return patterns that leave out the file *output*, none where no pattern takes it.

    UsageError where one names it, as what is asked for would replace what it is made of; and
    where one merely takes it, unless *is_earlier* tells by its first HEAD bytes that this file
    may be replaced.
    """
    location = os.path.realpath(output)
    search = Search(patterns, scope)
    if not os.path.isfile(location) or not containing(location, search.collector.roots):
        return ()
    if any(_names(location, p, scope) for p in patterns) and not search.excluding(location):
        raise UsageError(f"{_writing(output)} the pack would replace it; write to another file")
    taken = _shown_as(location, search)
    if taken and not is_earlier(_head(location)):
        raise UsageError(
            f"{_writing(output)} would replace it, which is no earlier output; "
            "write to another file, or delete that one first"
        )
    return tuple(_excluding(os.path.join(search.collector.project, path)) for path in taken)


def _names(location: str, pattern: Pattern, scope: Scope) -> bool:
    """Whether *pattern* is the path of the file itself, or of a link to it, no folder or glob."""
    if pattern.exclude:
        return False
    path = os.path.realpath(os.path.join(scope.cwd, pattern.glob))
    return path == location and (not has_magic(pattern.glob) or os.path.isfile(path))


def _writing(output: Path) -> str:
    return f"{printable(str(output))} is a file to pack, and writing"


def _shown_as(location: str, search: Search) -> list[str]:
    """Return the paths that the file is taken by: its own, those of links to it."""
    search.run(inspect=False)
    search.unmatched()  # takes those that are spelled like a glob
    return [file.path for file in search.collector.files(()) if file.location == location]


def _head(location: str) -> bytes:
    with contextlib.suppress(OSError), open(location, "rb") as file:
        return file.read(HEAD)
    return b""


def _excluding(path: str) -> Pattern:
    glob = _MAGIC.sub(r"\\\1", os.path.normpath(path))
    return Pattern(f"@!{glob}", glob, exclude=True, strict=True)
