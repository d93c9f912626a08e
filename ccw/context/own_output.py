"""A pack that is written into a folder that it packs: its own file is no part of it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ccw.context.files.contain import allowed_roots, containing, printable
from ccw.context.files.globs import has_magic
from ccw.context.files.search import Search
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope
from ccw.errors import UsageError

HEAD = 8192  # bytes, more than any path is long
THE_PACK = "the pack"
_MAGIC = re.compile(r"([\\*?\[\](){}@+!|,~-])")


def excluding_output(
    output: Path,
    patterns: Sequence[Pattern],
    scope: Scope,
    is_earlier: Callable[[bytes], bool] | None = None,
    what: str = THE_PACK,
) -> tuple[Pattern, ...]:
    """Return patterns that leave out the file *output*, none where no pattern takes it.

    UsageError where one names it, as *what* would replace a part of what is packed. A file that is
    yet to be replaced is given with *is_earlier*: UsageError where a pattern merely takes it, too,
    unless this tells by its first HEAD bytes that it may be. Without, the shell has opened the
    file already, and under whatever names it is taken it is left out.
    """
    location = os.path.realpath(output)
    if not os.path.isfile(location) or not containing(location, allowed_roots(scope)):
        return ()
    search = Search(patterns, scope)
    if any(_names(location, p, scope) for p in patterns) and not search.excluding(location):
        raise UsageError(f"{_writing(output)} {what} would replace it; write to another file")
    taken = _shown_as(location, search, by_name=is_earlier is not None)
    if taken and is_earlier is not None and not is_earlier(_head(location)):
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


def _shown_as(location: str, search: Search, *, by_name: bool) -> list[str]:
    """Return the paths that the file is matched by, taken or left out: its own, those of links.

    *by_name*: a hard link is another file, which stays as it is.
    """
    search.run(inspect=False)
    search.unmatched()  # takes those that are spelled like a glob
    linked = not by_name and os.path.isfile(location) and os.stat(location).st_nlink > 1
    is_same = partial(_is_same, location) if linked else location.__eq__
    collector = search.collector
    taken = [file.path for file in collector.files(()) if is_same(file.location)]
    left_out = (item.path for item in collector.skipped())
    places = ((path, os.path.realpath(os.path.join(collector.project, path))) for path in left_out)
    return taken + [path for path, place in places if is_same(place)]


def _is_same(location: str, other: str) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samefile(location, other)
    return False


def _head(location: str) -> bytes:
    with contextlib.suppress(OSError), open(location, "rb") as file:
        return file.read(HEAD)
    return b""


def _excluding(path: str) -> Pattern:
    glob = _MAGIC.sub(r"\\\1", os.path.normpath(path))
    return Pattern(f"@!{glob}", glob, exclude=True, strict=True)
