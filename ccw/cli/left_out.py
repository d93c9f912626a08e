"""Notes about files that were left out: a few are shown, the others counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LEFT_OUT = "left out: "
SHOWN = 10


class LeftOut:
    """Decides which notes are shown, one after the other."""

    def __init__(self) -> None:
        self._met = 0

    def hides(self, text: str) -> bool:
        """Whether the note *text* is one of too many."""
        self._met += text.startswith(LEFT_OUT)
        return text.startswith(LEFT_OUT) and self._met > SHOWN

    def rest(self) -> str:
        """Return the note that stands for those that were hidden so far, "" for none."""
        hidden, self._met = self._met - SHOWN, min(self._met, SHOWN)
        if hidden <= 0:
            return ""
        return (
            f"{LEFT_OUT}{hidden:,} more; --json names all, "
            "ccw pack --explain PATH PATTERN tells of one"
        )


def folded(notes: Iterable[str]) -> Iterator[str]:
    """Yield *notes* in order, and in place of too many of files left out their number."""
    left_out = LeftOut()
    for text in notes:
        if not left_out.hides(text):
            yield text
    if rest := left_out.rest():
        yield rest
