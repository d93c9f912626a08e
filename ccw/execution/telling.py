"""What is told while a call goes on: the pieces of its answer, and notes."""

from __future__ import annotations

from collections.abc import Sequence

from ccw.execution.options import OnOutput


class Telling:
    """Tells *on_output*, if there is one, and remembers it: `received` text, `notes` so far."""

    def __init__(self, on_output: OnOutput | None) -> None:
        self.received: list[str] = []
        self.notes: list[str] = []
        self._on_output = on_output

    def text(self, text: str) -> None:
        """Tell a piece of the answer."""
        self.received.append(text)
        self._tell("stdout", text)

    def note(self, notes: Sequence[str]) -> None:
        """Tell each of *notes*."""
        self.notes += notes
        for text in notes:
            self._tell("stderr", f"{text}\n")

    def _tell(self, kind: str, text: str) -> None:
        if self._on_output is not None and text:
            self._on_output({"type": kind, "data": text})
