"""Git's wildmatch as regular expressions over bytes, written as latin-1 text.

pathspec's expressions also match what lies below a match, which is wrong where a later rule
takes the folder back in; git asks for each name by itself, and so does this.
"""

from __future__ import annotations

import re
from collections.abc import Container

SPECIAL = frozenset("*?[\\")
NEVER = "(?!)"
_STAR, _FOLDERS, _ANYTHING = "[^/]*", "(?:.*/)?", ".*"
_LAZY = {_FOLDERS: "(?:.*?/)??", _ANYTHING: ".*?"}
_BYTES = [chr(code) for code in range(256)]
_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_PRINTED = "".join(map(chr, range(33, 127)))
_CLASSES = {
    "alnum": _LOWER + _UPPER + _DIGITS,
    "alpha": _LOWER + _UPPER,
    "blank": " \t",
    "cntrl": "".join(map(chr, (*range(32), 127))),
    "digit": _DIGITS,
    "graph": _PRINTED,
    "lower": _LOWER,
    "print": f" {_PRINTED}",
    "punct": "".join(char for char in _PRINTED if not char.isalnum()),
    "space": " \t\n\v\f\r",
    "upper": _UPPER,
    "xdigit": f"{_DIGITS}abcdefABCDEF",
}


class _Invalid(ValueError):
    """The pattern is malformed: git lets it match nothing."""


def translate(pattern: str) -> str:
    """Return the expression that *pattern* stands for; `/` is matched by `**` and itself alone.

    What stands between two stars is taken where it first fits, which loses no match as the second
    star may go on from there to any later place; so no name takes long, whatever the pattern.
    """
    try:
        pieces = _pieces(pattern)
    except _Invalid:
        return NEVER
    first, *others = _parted(pieces, _LAZY)
    last = len(others) - 1
    segments = (
        f"{star}{_segment(rest)}" if i == last else f"(?>{_LAZY[star]}{_segment(rest)})"
        for i, (star, *rest) in enumerate(others)
    )
    return _segment(first) + "".join(segments)


def _parted(pieces: list[str], at: Container[str]) -> list[list[str]]:
    """Part *pieces* before each of those in *at*."""
    parts: list[list[str]] = [[]]
    for piece in pieces:
        if piece in at:
            parts.append([])
        parts[-1].append(piece)
    return parts


def _segment(pieces: list[str]) -> str:
    """Join *pieces* that no `**` is among; each `*` stays between two slashes."""
    return "".join(map(_between_slashes, _parted(pieces, "/")))


def _between_slashes(pieces: list[str]) -> str:
    first, *others = ("".join(part) for part in _parted(pieces, (_STAR,)))
    if not others:
        return first
    *inner, last = others
    lazy = (f"(?>{_STAR}?{part.removeprefix(_STAR)})" for part in inner)
    return f"{first}{''.join(lazy)}{last}"


def _pieces(pattern: str) -> list[str]:
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "*":
            piece, position = _stars(pattern, position)
        elif char == "[":
            piece, position = _bracket(pattern, position + 1)
        elif char == "\\":
            if position + 1 == len(pattern):
                raise _Invalid
            piece, position = re.escape(pattern[position + 1]), position + 2
        else:
            piece, position = "[^/]" if char == "?" else re.escape(char), position + 1
        pieces.append(piece)
    return pieces


def _stars(pattern: str, start: int) -> tuple[str, int]:
    end = start
    while end < len(pattern) and pattern[end] == "*":
        end += 1
    follows = pattern[end : end + 2]
    alone = (start == 0 or pattern[start - 1] == "/") and (
        not follows or follows[0] == "/" or follows == "\\/"
    )
    if end - start == 1 or not alone:
        return _STAR, end
    return (_FOLDERS, end + 1) if follows[:1] == "/" else (_ANYTHING, end)


def _bracket(pattern: str, position: int) -> tuple[str, int]:
    """Read a bracket expression whose content starts at *position*."""
    negated = pattern[position : position + 1] in ("!", "^")
    position += negated
    chars: set[str] = set()
    previous = ""
    first = True
    while first or pattern[position : position + 1] != "]":
        first = False
        members, previous, position = _member(pattern, position, previous)
        chars |= members
    chosen = [char for char in _BYTES if (char in chars) != negated and char != "/"]
    return ("[" + "".join(map(re.escape, chosen)) + "]" if chosen else NEVER), position + 1


def _member(pattern: str, position: int, previous: str) -> tuple[set[str], str, int]:
    """Read one member of a bracket expression; return it, what a range may start at, where next."""
    char = _at(pattern, position)
    if char == "\\":
        char = _at(pattern, position + 1)
        return {char}, char, position + 2
    if char == "-" and previous and pattern[position + 1 : position + 2] not in ("", "]"):
        return _range(pattern, position + 1, previous)
    if char == "[" and pattern[position + 1 : position + 2] == ":":
        end = pattern.find("]", position + 2)
        if end < 0:
            raise _Invalid
        name = pattern[position + 2 : end - 1]
        if end > position + 2 and pattern[end - 1] == ":":
            if name not in _CLASSES:
                raise _Invalid
            return set(_CLASSES[name]), "", end + 1
    return {char}, char, position + 1


def _range(pattern: str, position: int, first: str) -> tuple[set[str], str, int]:
    last = _at(pattern, position)
    if last == "\\":
        position += 1
        last = _at(pattern, position)
    return {chr(code) for code in range(ord(first), ord(last) + 1)}, "", position + 1


def _at(pattern: str, position: int) -> str:
    if position >= len(pattern):
        raise _Invalid
    return pattern[position]
