"""What a reply says of itself: at the top of its JSON or of its events, not in what they carry.

Only its first and its last bytes are known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Bytes = bytes | bytearray
USAGES = ("usage", "usageMetadata")
_WRAPPED = ("message", "response")  # Anthropic's first event, and those of OpenAI's responses
# Inside a JSON string the quotes would be escaped, as in the text of an answer.
_MARK = re.compile(
    rb'"service_?[tT]ier"\s*:\s*(?:\{\s*"type"\s*:\s*)?"\w+"|"usage(?:Metadata)?"\s*:\s*\{'
)
_WHOLE = re.compile(rb"\s*\{")
_EVENT = re.compile(rb"(?:data:)?[ \t]*\{")
_NAME = re.compile(r'[\s,]*"((?:[^"\\]|\\.)*)"\s*:\s*')
_CLOSED = re.compile(r"\s*\}")
_DECODER = json.JSONDecoder()


def told(head: Bytes, tail: Bytes) -> Iterator[Mapping[str, Any]]:
    """Yield each object, as far as it is known, at whose top *head* and *tail* tell something."""
    for found in _of_whole(head, tail) if _WHOLE.match(head) else _of_events(head, tail):
        yield found
        yield from (inner for name in _WRAPPED if isinstance(inner := found.get(name), Mapping))


def _of_whole(head: Bytes, tail: Bytes) -> Iterator[dict[str, Any]]:
    """Yield what stands at the top of one JSON value: from its beginning on, and at its end."""
    members, rest = _members(head[head.index(b"{") + 1 :])
    yield members
    for mark in () if rest == "" else _MARK.finditer(tail):
        members, rest = _members(tail[mark.start() :])
        if rest == "":  # nothing is open any more
            yield members


def _of_events(head: Bytes, tail: Bytes) -> Iterator[dict[str, Any]]:
    """Yield what stands at the top of events that have something to tell in them."""
    for part in (head, tail):
        for place in sorted({_begin(part, place) for place in _outer(part)}):
            members, _ = _members(part[place:])
            yield members


def _outer(part: Bytes) -> set[int]:
    """Return where each mark stands first and last: some servers set them in each event."""
    marks = list(_MARK.finditer(part))
    firsts = {mark[0]: mark.start() for mark in reversed(marks)}
    return {*firsts.values(), *(mark.start() for mark in {m[0]: m for m in marks}.values())}


def _begin(part: Bytes, place: int) -> int:
    """Return where the object begins that the line of *place* holds, else *place*."""
    line = max(part.rfind(end, 0, place) for end in (b"\n", b"\r")) + 1
    found = _EVENT.match(part, line, place)
    return found.end() if found else place


def _members(part: Bytes) -> tuple[dict[str, Any], str | None]:
    """Return the members with which *part* goes on, and what follows their object, None if cut."""
    text, place, members = part.decode(errors="replace"), 0, {}
    while name := _NAME.match(text, place):
        try:
            members[name[1]], place = _DECODER.raw_decode(text, name.end())
        except (ValueError, RecursionError):
            return members, None
    closed = _CLOSED.match(text, place)
    return members, text[closed.end() :].strip() if closed else None
