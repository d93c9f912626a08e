"""From a packed context and a prompt to the messages of a call."""

from __future__ import annotations

from typing import Any

SEPARATOR = "\n\n---\n\n"


def build_messages(
    pack: str | None, prompt: str, system: str | None = None
) -> list[dict[str, Any]]:
    """Return the messages: *system* only when given, then one user message of pack and prompt."""
    user = {"role": "user", "content": user_content(pack, prompt)}
    return [user] if system is None else [{"role": "system", "content": system}, user]


def user_content(pack: str | None, prompt: str) -> str:
    """Join *pack* and *prompt* to one string; a plain prompt stays as it is.

    The one place that knows how a pack meets its prompt: cache marks make two parts of it here.
    """
    return prompt if not pack else f"{pack}{SEPARATOR}{prompt}"
