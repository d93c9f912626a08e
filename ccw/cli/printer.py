"""An answer is printed as it comes: exact where it is kept, harmless where a terminal reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from ccw.cli.app import note
from ccw.cli.left_out import LeftOut
from ccw.cli.terminal import harmless


class Printer:
    """Prints an answer as it comes; while it is awaited, a terminal shows that it is."""

    def __init__(self) -> None:
        self._open_line = False
        self._status: Any = None
        self._on_terminal = sys.stdout.isatty()
        self._held = ""
        self._left_out = LeftOut()

    def __call__(self, event: dict[str, str]) -> None:
        """Print one event `{"type": "stdout"|"stderr", "data": text}`."""
        text = event["data"]
        if event["type"] == "stdout":
            self._stop_waiting()
            self._tell_rest()
            self._print(text)
        elif not self._left_out.hides(text):
            self._end_line()
            self._note(text.removesuffix("\n"))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Show a sign of waiting until the first text; end the answer's last line in any case."""
        self._start_waiting()
        try:
            yield
        except BaseException:
            with suppress(OSError):  # the terminal may be what has gone
                self._finish()
            raise
        self._finish()

    def _print(self, text: str) -> None:
        """Print a piece of the answer; into a file or pipe go its very bytes."""
        if self._on_terminal:
            text, self._held = harmless(text, self._held)
            click.echo(text, nl=False)
        else:
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.buffer.flush()
        self._open_line = not text.endswith("\n") if text else self._open_line

    def _note(self, text: str) -> None:
        """Tell *text* on a line of its own, above the sign of waiting."""
        if self._status is None:
            note(text)
            return
        self._status.stop()  # takes its line away
        note(text)
        self._status.start()

    def _finish(self) -> None:
        self._stop_waiting()
        self._tell_rest()
        self._end_line()

    def _tell_rest(self) -> None:
        if rest := self._left_out.rest():
            note(rest)

    def _end_line(self) -> None:
        if self._open_line:
            click.echo()
            self._open_line = False

    def _start_waiting(self) -> None:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("waiting for the model")
            self._status.start()

    def _stop_waiting(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
