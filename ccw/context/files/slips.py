"""What a prompt says behind an `@` that is no pattern, and yet names a file that is there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ccw.context.files.contain import printable
from ccw.context.files.missing import NO_FILE, looks_like_file
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope
from ccw.errors import NothingMatched

LONGEST = 4096  # characters; no path of a usual system is longer
MANY = 1000  # of one prompt that are looked up
CUTS = 20  # beginnings of a line that are tried as a path with spaces
_SPACES = re.compile(r"\s+|\Z")
_PUNCTUATION = ",;:.!?)"
_LINES = re.compile(r":[0-9]+(?:-[0-9]+)?\Z")


def check_unclosed(bodies: Iterable[str], scope: Scope) -> None:
    """Raise NothingMatched for a line such as `"src/a b` that surely begins with a file's path.

    *bodies* are those of `Scan.unclosed`; the quote that is missing would be theirs.
    """
    if scope.allow_missing:
        return
    for number, body in enumerate(bodies):
        mark, rest = body[: body[0] == "!"], body.removeprefix("!")
        quote, line = rest[0], rest[1:]
        meant = _meant(line, scope, CUTS if number < MANY else 0)
        if meant:
            raise NothingMatched(
                f"@{mark}{quote}{printable(meant)} has no closing quote; write "
                f"@{mark}{quote}PATH{quote} with both, or {NO_FILE}add --allow-missing to go on "
                "without"
            )


def notes_of_likely(bodies: Iterable[str], cwd: Path) -> Iterator[str]:
    """Yield how to write each of *bodies*, those of `Scan.likely`, that names what is there."""
    for body in islice(bodies, MANY):
        mark, path = body[: body[0] == "!"], body.removeprefix("!")
        if len(path) <= LONGEST and _is_there(path, cwd):
            what = "quote" if any(char in path for char in "\"'`") else "parenthesis"
            yield (
                f"@{printable(body)} holds a {what} and is taken as text; "
                f"for the file write @{mark}{printable(_quoted(path))}"
            )


def _meant(line: str, scope: Scope, cuts: int) -> str:
    """Return the beginning of *line* that is surely a path, "" for none."""
    ends = [space.start() for space in islice(_SPACES.finditer(line), max(cuts, 1))]
    first = line[: ends[0]]
    if first and looks_like_file(Pattern(f"@{first}", first), scope):
        return first
    beginnings = (line[:end] for end in ends[:cuts] if end)
    return next((text for text in beginnings if _begins_path(text, scope.cwd)), "")


def _begins_path(text: str, cwd: Path) -> bool:
    folder, slash, _ = text.partition("/")
    return bool(slash and os.path.isdir(os.path.join(cwd, folder))) or _is_there(text, cwd)


def _is_there(text: str, cwd: Path) -> bool:
    """Tell whether *text* is a path, maybe with lines, or with the end of a clause behind it."""
    bare = text.rstrip(_PUNCTUATION)
    tried = dict.fromkeys((text, _LINES.sub("", text), bare, _LINES.sub("", bare)))
    return any(path and os.path.lexists(os.path.join(cwd, path)) for path in tried)


def _quoted(path: str) -> str:
    """Return *path* in the quotes that it does not hold; of both kinds one becomes a glob's `?`."""
    if '"' in path and "'" not in path:
        return f"'{path}'"
    return '"{}"'.format(path.replace('"', "?"))
