"""Where an @token of a prompt begins and ends; the work is linear to the text's length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_QUOTES = "\"'`"
_TRAILING = ",;:!?" + _QUOTES
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
_GROUPS = "([{"
_OPENING = re.compile(r"@(?<![^\s(\[{<\"',;:|=`]@)")
_SPACE = re.compile(r"\s")
_BRACKET = re.compile(r"[()\[\]{}<>]")
_BOUNDARY = re.compile(r"[|(\[{]|[<\"',;:=`](?=@)")
# Before white space the quote alone, as prose follows; else the line, as far as any path is long.
_UNCLOSED = re.compile(r"!?[\"'](?!\S)|[^\r\n]{1,4096}")
_ANY_QUOTE = re.compile("[\"'`]")
_CALL = re.compile(r"[\w\])]\(")
_QUOTED = re.compile(r"@(!?)(?:\"([^\"\r\n]*)\"|'([^'\r\n]*)')(:[0-9]+(?:-[0-9]+)?(?!\w))?")
_POSSESSIVE = re.compile(r"(?<=[^\"'`])['’]s\Z")


class Token(NamedTuple):
    """An @token: `body` follows the `@`, unquoted, and is empty when it is plain text.

    `end` is where reading goes on; `unclosed` tells of a quote that opens and never closes, whose
    body is the rest of its line, or only the quote where white space follows. `likely` is what
    would be the body if a quote or a parenthesis inside did not make it text.
    """

    body: str
    end: int
    unclosed: bool = False
    likely: str = ""


class _Run(NamedTuple):
    """The text with one stretch of it without white space: its end, its brackets' partners."""

    text: str
    end: int
    partner: dict[int, int]


def read_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text*, which holds no fenced code, in order."""
    position = 0
    run = _Run(text, 0, {})
    while opening := _OPENING.search(text, position):
        if opening.start() >= run.end:
            run = _run_from(text, opening.start())
        token = _quoted(text, opening.start()) or _plain(run, opening.start())
        position = token.end
        yield token


def _run_from(text: str, start: int) -> _Run:
    space = _SPACE.search(text, start)
    end = space.start() if space else len(text)
    return _Run(text, end, _partners(text, max(0, start - 1), end))


def _partners(text: str, start: int, end: int) -> dict[int, int]:
    """Pair the brackets of a run, each kind by itself, in both directions."""
    open_at: dict[str, list[int]] = {"(": [], "[": [], "{": [], "<": []}
    partner: dict[int, int] = {}
    for bracket in _BRACKET.finditer(text, start, end):
        position, kind = bracket.start(), bracket[0]
        if kind in open_at:
            open_at[kind].append(position)
        elif stack := open_at[_PAIRS[kind]]:
            opener = stack.pop()
            partner[opener], partner[position] = position, opener
    return partner


def _quoted(text: str, at: int) -> Token | None:
    """Read `@"a b"` or `@'a b'`; the quote closes on the same line."""
    quote = text[at + 1 : at + 3].removeprefix("!")[:1]
    if quote not in ("'", '"'):
        return None
    match = _QUOTED.match(text, at)
    if match is None:
        opening = _UNCLOSED.match(text, at + 1)
        return Token(opening[0].rstrip() if opening else quote, at + 2, unclosed=True)
    body = match[2] or match[3]
    return Token(f"{match[1]}{body}{match[4] or ''}" if body else "", match.end())


def _plain(run: _Run, at: int) -> Token:
    """Read a token without quotes around it."""
    end = _cut(run, at)
    body = _POSSESSIVE.sub("", run.text[at + 1 : _trimmed(run, at + 1, end)])
    is_text = _is_text(body)
    likely = body if is_text and body.strip("@!") else ""
    return Token("" if is_text else body, max(end, at + 1), likely=likely)


def _cut(run: _Run, at: int) -> int:
    """Return where the token ends: at its run's end, at a `|`, or before another `@token`."""
    position, limit = at + 1, _closing(run, at)
    while boundary := _BOUNDARY.search(run.text, position, limit):
        end = boundary.start()
        closer = run.partner.get(end, limit) if boundary[0] in _GROUPS else limit
        if end < closer < limit:
            position = closer + 1
        elif boundary[0] == "|" or run.text.startswith("@", end + 1):
            return end
        else:
            position = end + 1
    return limit


def _closing(run: _Run, at: int) -> int:
    """Return where the quote or bracket that stands before the `@` closes, or the run's end."""
    before = run.text[at - 1 : at]
    if before and before in _QUOTES:
        closing = run.text.find(before, at + 1, run.end)
    else:
        closing = run.partner.get(at - 1, -1)
    return closing if closing > at else run.end


def _trimmed(run: _Run, start: int, end: int) -> int:
    """Return *end* without trailing punctuation, quotes and closing brackets of elsewhere."""
    while end > start:
        last = run.text[end - 1]
        if last == ".":
            dots = end
            while dots > start and run.text[dots - 1] == ".":
                dots -= 1
            if end - dots <= 2 and dots == start:
                break  # `@.` and `@..` are folders
            if end - dots == 2 and run.text[dots - 1] == "/":
                break  # `../..` is a folder, not the end of a sentence
            end = dots
        elif last in _TRAILING or (last in _PAIRS and run.partner.get(end - 1, -1) < start):
            end -= 1
        else:
            break
    return end


def _is_text(body: str) -> bool:
    """A quote or a call's parenthesis inside makes `app.route('/x')` a decorator, not a file."""
    return not body.strip("@!") or bool(_ANY_QUOTE.search(body) or _CALL.search(body))
