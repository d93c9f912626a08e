"""Part a prompt into prose and fenced code blocks, by CommonMark's rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENING = re.compile(
    r"^ {0,3}(?:(?P<ticks>`{3,})[^`\r\n]*|(?P<tildes>~{3,})[^\r\n]*)$", re.MULTILINE
)
_CLOSING = {
    mark: re.compile(rf"^ {{0,3}}({mark}{{3,}})[ \t]*\r?$", re.MULTILINE) for mark in ("`", "~")
}


def code_spans(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of *text* in order with whether each is a fenced block, fences included.

    A block that is not closed runs to the end, as in CommonMark.
    """
    position = 0
    normal = text.replace("\r", "\n") if "\r" in text else text  # same length: a CR ends a line too
    while opening := _OPENING.search(normal, position):
        end = _block_end(normal, opening)
        if opening.start() > position:
            yield text[position : opening.start()], False
        yield text[opening.start() : end], True
        position = end
    if position < len(text):
        yield text[position:], False


def _block_end(text: str, opening: re.Match[str]) -> int:
    """Return where the block ends: after the first fence at least as long as its opening."""
    fence = opening["ticks"] or opening["tildes"]
    for closing in _CLOSING[fence[0]].finditer(text, opening.end()):
        if len(closing[1]) >= len(fence):
            return closing.end()
    return len(text)
