"""Comments at the head of an exported file."""

from __future__ import annotations

from collections.abc import Iterable

HEAD = "Written by ccw config export; keys are read from the environment."
LEFT_OUT = "Left out:"


def comment_lines(left_out: Iterable[str]) -> list[str]:
    """Return the lines to write as comments, none with a line break or control character in it."""
    lines = [one_line(text) for text in left_out]
    return [HEAD, *([LEFT_OUT, *(f"- {line}" for line in lines)] if lines else [])]


def commented(left_out: Iterable[str], text: str) -> str:
    """Return *text* below its comments, for a format whose comments begin with `#`."""
    return "".join(f"# {line}\n" for line in comment_lines(left_out)) + text


def one_line(text: str) -> str:
    """Return *text* with its control and other unprintable characters escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
