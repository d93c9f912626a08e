"""From a packed context and a prompt to the messages of a call."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ccw.llm.marks import NOTHING, Caching

SEPARATOR = "\n\n---\n\n"
Part = dict[str, Any]


def build_messages(
    pack: str | None, prompt: str, system: str | None = None, caching: Caching = NOTHING
) -> list[dict[str, Any]]:
    """Return the messages: *system* only when given, then one user message of pack and prompt.

    With marks the user message is made of parts, whose texts add up to the one string without.
    """
    parts = marked_parts(pack, prompt, caching) if pack and caching.marks else []
    user = {"role": "user", "content": parts or user_content(pack, prompt)}
    return [user] if system is None else [{"role": "system", "content": system}, user]


def user_content(pack: str | None, prompt: str) -> str:
    """Join *pack* and *prompt* to one string; a plain prompt stays as it is."""
    return prompt if not pack else f"{pack}{SEPARATOR}{prompt}"


def marked_parts(pack: str, prompt: str, caching: Caching) -> list[Part]:
    """Cut *pack* into its blocks: those before a mark bear it, what is left goes with *prompt*.

    Cuts that would make an empty part are left out, as providers refuse those.
    """
    data, control = pack.encode("utf-8"), _cache_control(caching)
    places = {*caching.cuts, *caching.marks}
    edges = sorted({0, *(place for place in places if 0 < place <= len(data))})
    marked = [
        _text(data[start:end], **({"cache_control": control} if end in caching.marks else {}))
        for start, end in pairwise(edges)
    ]
    rest = data[edges[-1] :].decode("utf-8")
    return [*marked, {"type": "text", "text": f"{rest}{SEPARATOR}{prompt}"}] if marked else []


def _cache_control(caching: Caching) -> dict[str, str]:
    """Five minutes are the provider's default, and not every route knows how to say so."""
    return {"type": "ephemeral"} | ({"ttl": "1h"} if caching.lifetime == "1h" else {})


def _text(data: bytes, **more: Any) -> Part:
    return {"type": "text", "text": data.decode("utf-8"), **more}
