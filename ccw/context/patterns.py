"""Find the @patterns of a prompt; pure text work, no file is touched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ccw.context.fences import code_spans
from ccw.context.tokens import read_tokens
from ccw.errors import PatternError, UsageError

MAX_PATTERNS = 10_000
MAX_LENGTH = 4096  # characters; no path of a usual system is longer
_SHOWN = 60  # characters of a pattern in a message
_ESCAPED = re.compile(r"\\@")
_RANGE = re.compile(r":([0-9]+)(?:-([0-9]+))?\Z")


@dataclass(frozen=True, slots=True)
class Pattern:
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


@dataclass(frozen=True, slots=True)
class Scan:
    """What a prompt says: its patterns in order without duplicates, and the text to send.

    `text` is the prompt with each `\\@` outside of fenced code as `@`, otherwise unchanged;
    `notes` tell of things that look like a slip and were taken as text. `unclosed` are the lines
    that follow an `@` with an opening quote alone; `likely` is what follows one and is text for a
    quote or a parenthesis inside, unless it names a file.
    """

    patterns: tuple[Pattern, ...]
    text: str
    notes: tuple[str, ...] = ()
    unclosed: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()


def scan(prompt: str) -> Scan:
    """Read the patterns of *prompt*, in time linear to its length; PatternError beyond bounds."""
    if "@" not in prompt:
        return Scan((), prompt)
    found: dict[str, Pattern] = {}
    unclosed: dict[str, None] = {}
    likely: dict[str, None] = {}
    pieces: list[str] = []
    for text, is_code in code_spans(prompt):
        pieces.append(text if is_code else _ESCAPED.sub("@", text))
        if not is_code:
            _collect(text, found, unclosed, likely)
    words = dict.fromkeys(_shown(body.split(maxsplit=1)[0]) for body in unclosed)
    notes = tuple(f"@{word} has no closing quote and is taken as text" for word in words)
    patterns = tuple(found.values())
    return Scan(patterns, "".join(pieces), notes, tuple(unclosed), tuple(likely))


def extract_patterns(prompt: str) -> list[str]:
    """Return the @patterns of *prompt*, each starting with `@`, in order, without duplicates."""
    return [pattern.token for pattern in scan(prompt).patterns]


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
    pattern = _pattern(body)
    if not pattern.glob:
        raise PatternError(f"{argument!r} is an empty pattern; name a file, a folder or a glob")
    return replace(pattern, strict=True)


def _collect(
    text: str,
    found: dict[str, Pattern],
    unclosed: dict[str, None],
    likely: dict[str, None],
) -> None:
    for token in read_tokens(text):
        if token.unclosed:
            unclosed[token.body] = None
            continue
        if token.likely:
            likely[token.likely] = None
            continue
        if not token.body or f"@{token.body}" in found:
            continue
        pattern = _pattern(token.body)
        if pattern.glob:
            found.setdefault(pattern.token, pattern)
        if len(found) > MAX_PATTERNS:
            raise PatternError(
                f"the prompt holds more than {MAX_PATTERNS:,} @patterns; use globs such as "
                "@src/**/*.py, or write \\@ where no file is meant"
            )


def _pattern(body: str) -> Pattern:
    """Make the pattern of *body*, which is what follows the `@`, unquoted."""
    if len(body) > MAX_LENGTH:
        raise PatternError(
            f"@{_shown(body)} is {len(body):,} characters long; a pattern holds at most "
            f"{MAX_LENGTH:,} (write \\@ where no file is meant)"
        )
    exclude = body.startswith("!") and not body.startswith("!(")
    glob, lines = _split_range(body[1:] if exclude else body)
    return Pattern(f"@{body}", _shared_at(glob), exclude, lines)


def _split_range(body: str) -> tuple[str, tuple[int, int] | None]:
    """Split `file:12` and `file:12-40` into the file and its lines."""
    match = _RANGE.search(body)
    if match is None or match.start() == 0:
        return body, None
    first, last = int(match[1]), int(match[2] or match[1])
    if first < 1 or last < first:
        raise PatternError(
            f"@{_shown(body)}: lines are counted from 1 and run upwards, as in "
            f"@{_shown(body[: match.start()])}:12-40"
        )
    return body[: match.start()], (first, last)


def _shared_at(glob: str) -> str:
    """Let `@(a|b).py` be the extended glob that it looks like: one `@` does for both."""
    group = re.match(r"\([^()|/]*\|[^()/]*\)", glob)
    return f"@{glob}" if group else glob


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
