"""Wishes as people read them: one line each, with nothing in it that a terminal would obey."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from ccw.config.trust.wishes import Wish

# letters that show as nothing, beside the marks that join the letter before them
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SENTENCES = {
    "key": "send {what} to {where}",
    "command": "run {what} and send its output to {where}",
    "file": "read {what} and send its content to {where}",
    "cacheDir": "keep packed files in {what} (cacheDir {where})",
    "proxy": "send {what} through the proxy {where}",
    "instead": "use {where} in place of your own {what}",
    "written": "{what} was written by your own ccw",
}


def described(wish: Wish) -> str:
    """Return *wish* as one line for people."""
    return _SENTENCES[wish.kind].format(what=harmless(wish.what), where=_ascii(wish.where))


def harmless(text: str) -> str:
    """Return *text* with control, bidi and invisible characters as `\\u001b` and the like."""
    return "".join(char if _is_plain(char) else _escape(char) for char in text)


def listed(wishes: Iterable[Wish]) -> str:
    """Return *wishes* as indented lines."""
    return "".join(f"\n  {described(wish)}" for wish in sorted(wishes))


def refusal(project: Path, missing: frozenset[Wish]) -> str:
    """Return what to tell of *missing*: what is asked, and what to type."""
    return (
        "this project asks for what you have not agreed to:"
        f"{listed(missing)}\n"
        f"if you trust it, agree in {harmless(str(project))} with: ccw trust "
        "(where nobody can be asked: CCW_TRUST=1 in the environment)"
    )


def _ascii(text: str) -> str:
    """Escape all but ASCII: letters of another script may look like those of a known host."""
    return "".join(
        char if char.isascii() and char.isprintable() else _escape(char) for char in text
    )


def _is_plain(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    return char.isprintable() and unicodedata.category(char)[0] != "M" and char not in _BLANK


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
