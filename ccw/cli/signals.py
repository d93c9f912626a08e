"""Signals that ask a command to end: it cleans up and is logged, as with Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = (signal.SIGTERM, signal.SIGHUP)
_SIGNALLED = 128  # what shells add to the number of the signal that ended a process


class Ended(KeyboardInterrupt):
    """The signal *number*, which is not Ctrl-C's, asks to end; all that heeds Ctrl-C heeds it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = _SIGNALLED + number


@contextmanager
def ending() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Ended` meanwhile; one that is ignored stays so (nohup)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in NUMBERS if signal.getsignal(number) is signal.SIG_DFL]
    for number in heard:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # the second one does not wait for anything
    raise Ended(number)
