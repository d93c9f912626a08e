"""Other people's words, made fit to be shown: no secret, no control characters, not too long."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

EXCERPT = 300  # characters
MASK = "***"
SHORTEST_HEADER_SECRET = 6  # a header like "X-Team: 7" is no secret, and "7" is everywhere


def secrets_of(api_key: str | None, headers: Iterable[str], proxy: str | None) -> tuple[str, ...]:
    """Return every spelling in which a secret of a call may come back, the longest first.

    *headers* are values; the token of `Bearer TOKEN` counts by itself.
    """
    found = {api_key or ""}
    for value in headers:
        found.update(
            part for part in (value, *value.split()) if len(part) >= SHORTEST_HEADER_SECRET
        )
    if proxy:
        found.add(unquote(urlsplit(proxy).password or ""))
    spellings = {spelling for secret in found if secret for spelling in _spellings(secret)}
    return tuple(sorted(spellings, key=len, reverse=True))


def excerpt(text: str, secrets: Iterable[str], limit: int = EXCERPT) -> str:
    """Return the start of *text* on one line, without *secrets*; `***` stands for each."""
    masked = redacted(text, secrets)
    visible = "".join(c for c in masked if c.isprintable() or c.isspace())
    line = " ".join(visible.split())
    # once more: a secret that was broken by control characters may have grown together
    line = redacted(line, secrets)
    return line if len(line) <= limit else f"{line[:limit]}…"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return *text* with each of *secrets* masked."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
    }
