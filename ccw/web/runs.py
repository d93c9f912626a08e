"""How many calls a server makes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ccw.errors import TooManyRuns

MAX_RUNS = 32


class Runs:
    """The calls under way, of one event loop."""

    def __init__(self, limit: int = MAX_RUNS) -> None:
        self.limit = limit
        self.running = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Count a call for the time of a `with` block; TooManyRuns when there is no room."""
        if self.running >= self.limit:
            raise TooManyRuns(
                f"{self.running} calls are under way, and no more run at a time; "
                "try again when one has ended"
            )
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
