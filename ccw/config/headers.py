"""Headers of a provider that no request can carry, or that would lead it elsewhere."""

from __future__ import annotations

import re

# of the connection itself; behind a shared front, Host decides whose server gets the key
_OF_CONNECTION = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade"}
)
# whose value is no secret whatever it is
PLAIN_HEADERS = frozenset(
    {"accept", "accept-language", "anthropic-beta", "anthropic-version", "content-type"}
    | {"http-referer", "openai-beta", "referer", "user-agent", "x-title"}
)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def header_problem(name: str, value: str) -> str | None:
    """Return, as the end of a sentence, why no call may have this header; None when it may."""
    if not (_NAME.fullmatch(name) and fits_header(value)):
        return "holds characters that a header cannot carry"
    if name.lower() in _OF_CONNECTION:
        return "belongs to the connection, which ccw makes; remove it"
    return None


def fits_header(text: str) -> bool:
    """Tell whether HTTP can carry *text* as the value of a header."""
    return text.isascii() and text.isprintable() and text == text.strip()
