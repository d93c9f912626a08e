"""Find the @patterns of a prompt; pure text work, no file is touched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ccw.context.fences import code_spans
from ccw.context.pattern import Pattern, parse_pattern, parse_patterns, pattern_of, shortened
from ccw.context.tokens import read_tokens
from ccw.errors import PatternError

__all__ = ["Pattern", "Scan", "extract_patterns", "parse_pattern", "parse_patterns", "scan"]

MAX_PATTERNS = 10_000
_ESCAPED = re.compile(r"\\@")


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
    words = dict.fromkeys(shortened(body.split(maxsplit=1)[0]) for body in unclosed)
    notes = tuple(f"@{word} has no closing quote and is taken as text" for word in words)
    patterns = tuple(found.values())
    return Scan(patterns, "".join(pieces), notes, tuple(unclosed), tuple(likely))


def extract_patterns(prompt: str) -> list[str]:
    """Return the @patterns of *prompt*, each starting with `@`, in order, without duplicates."""
    return [pattern.token for pattern in scan(prompt).patterns]


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
        pattern = pattern_of(token.body)
        if pattern.glob:
            found.setdefault(pattern.token, pattern)
        if len(found) > MAX_PATTERNS:
            raise PatternError(
                f"the prompt holds more than {MAX_PATTERNS:,} @patterns; use globs such as "
                "@src/**/*.py, or write \\@ where no file is meant"
            )
