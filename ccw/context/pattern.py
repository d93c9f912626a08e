"""One pattern: what follows an `@`, or an argument of the shell; pure text work."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ccw.errors import PatternError, UsageError

MAX_LENGTH = 4096  # characters; no path of a usual system is longer
_SHOWN = 60  # characters of a pattern in a message
_RANGE = re.compile(r":([0-9]+)(?:-([0-9]+))?\Z")


class Pattern(NamedTuple):
    """One @pattern: which files, or with `exclude` which not, and which of their lines.

    `token` is what the user typed, unquoted and with its `@`; `glob` is what follows the `@`
    (and the `!` of an exclusion) without the line range; `lines` is 1-based and inclusive. A
    `strict` one is an argument and no part of a text, thus it has to match something.
    """

    token: str
    glob: str
    exclude: bool = False
    lines: tuple[int, int] | None = None
    strict: bool = False

    @property
    def at(self) -> str:
        """What comes before its kind when it is written: nothing for an argument."""
        return "" if self.strict else "@"

    @property
    def written(self) -> str:
        """The token as its user would write it."""
        return f"{self.at}{self.token[1:]}"


def parse_patterns(arguments: Iterable[str]) -> tuple[Pattern, ...]:
    """Read shell arguments as `parse_pattern` does; UsageError when all only leave files out."""
    patterns = tuple(map(parse_pattern, arguments))
    if patterns and all(pattern.exclude for pattern in patterns):
        excluded = patterns[0].token.removeprefix("@")
        raise UsageError(
            f"{excluded} only leaves files out; name also what to pack, for example: "
            f'"**" "{excluded}"'
        )
    return patterns


def parse_pattern(argument: str) -> Pattern:
    """Read one pattern from a shell argument, with or without its `@`: spaces are part of it."""
    body = argument.removeprefix("@")
    if len(body) > 2 and body[0] in "\"'" and body[-1] == body[0]:
        body = body[1:-1]
    pattern = pattern_of(body)
    if not pattern.glob:
        raise PatternError(f"{argument!r} is an empty pattern; name a file, a folder or a glob")
    return pattern._replace(strict=True)


def pattern_of(body: str) -> Pattern:
    """Make the pattern of *body*, which is what follows the `@`, unquoted."""
    if len(body) > MAX_LENGTH:
        raise PatternError(
            f"@{shortened(body)} is {len(body):,} characters long; a pattern holds at most "
            f"{MAX_LENGTH:,} (write \\@ where no file is meant)"
        )
    exclude = body.startswith("!") and not body.startswith("!(")
    glob, lines = _split_range(body[1:] if exclude else body)
    return Pattern(f"@{body}", _shared_at(glob), exclude, lines)


def shortened(text: str) -> str:
    """Return *text* as a message shows it."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _split_range(body: str) -> tuple[str, tuple[int, int] | None]:
    """Split `file:12` and `file:12-40` into the file and its lines."""
    match = _RANGE.search(body)
    if match is None or match.start() == 0:
        return body, None
    first, last = int(match[1]), int(match[2] or match[1])
    if first < 1 or last < first:
        raise PatternError(
            f"@{shortened(body)}: lines are counted from 1 and run upwards, as in "
            f"@{shortened(body[: match.start()])}:12-40"
        )
    return body[: match.start()], (first, last)


def _shared_at(glob: str) -> str:
    """Let `@(a|b).py` be the extended glob that it looks like: one `@` does for both."""
    group = re.match(r"\([^()|/]*\|[^()/]*\)", glob)
    return f"@{glob}" if group else glob
