"""Text on a terminal: what it would obey is shown instead, and how wide it is; pure."""

from __future__ import annotations

import re

# controls but line end and tab, marks that turn the direction of what follows, half characters;
# compiled when it is first needed, as few commands are
_OBEYED = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def harmless(text: str, held: str = "") -> tuple[str, str]:
    """Return *text* fit for a terminal, and what has to wait for the text that follows it.

    What waited before is *held*. Controls become `\\u001b` and the like, `\\r\\n` a line end.
    """
    text = held + text
    held = "\r" if text.endswith("\r") else ""
    lines = text.removesuffix(held).replace("\r\n", "\n")
    return re.sub(_OBEYED, shown_code, lines), held


def shown_code(match: re.Match[str]) -> str:
    """Return the matched character as `\\uXXXX`."""
    return f"\\u{ord(match[0]):04x}"


def padded(text: str, width: int) -> str:
    """Return *text* with spaces behind it, so that it takes *width* cells of a terminal."""
    return text + " " * (width - cells(text))


def cells(text: str) -> int:
    """Return how many cells of a terminal *text* takes: two for a wide character."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(category(char) in ("Mn", "Me", "Cf") for char in text)
