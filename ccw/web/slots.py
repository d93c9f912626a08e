"""How many requests may wait for something slow at a time: others are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ccw.errors import TooManyRuns

SLOTS = 16  # of the 40 threads that answer requests


class Slots:
    """Room for so many requests, of any thread, that ask gateways or read files."""

    def __init__(self, limit: int = SLOTS) -> None:
        self._limit = limit
        self._free = threading.Semaphore(limit)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a place for the time of a `with` block; TooManyRuns when all are taken."""
        if not self._free.acquire(blocking=False):
            raise TooManyRuns(
                f"{self._limit} tests, model lists and previews are under way, and no more run at "
                "a time; try again when one has ended"
            )
        try:
            yield
        finally:
            self._free.release()
