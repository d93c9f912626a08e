"""The clocks of one call: total, up to the first bytes, and silence between bytes."""

from __future__ import annotations

import asyncio
import math

from ccw.llm.call.request import Timeouts


class Deadline:
    """Bounds one call; `begin` starts an attempt, `heard` says that its server is alive.

    Uses the clock of the running event loop.
    """

    def __init__(self, bounds: Timeouts) -> None:
        self._loop = asyncio.get_running_loop()
        self._bounds = bounds
        total = math.inf if bounds.total is None else bounds.total
        self._end = self._loop.time() + total
        self._silence = bounds.first_chunk
        self._timeout: asyncio.Timeout | None = None

    def begin(self) -> asyncio.Timeout:
        """Return the context in which an attempt runs; it raises TimeoutError."""
        self._silence = self._bounds.first_chunk
        self._timeout = asyncio.timeout_at(self._next())
        return self._timeout

    def heard(self) -> None:
        """Count the silence from now on; also after a slow reader of ours held things up."""
        self._silence = self._bounds.between_chunks
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(self._next())

    def seconds_left(self) -> float:
        """Return what is left of the total, infinity where there is none."""
        return self._end - self._loop.time()

    def broken(self) -> str:
        """Say which bound was reached, and what to do, for a message that begins with who."""
        if self.seconds_left() <= 0:
            return (
                f"gave no complete answer within {self._bounds.total:g} s; "
                "raise --timeout, or advancedSettings.timeout of the provider"
            )
        if self._silence == self._bounds.first_chunk:
            return (
                f"sent nothing for {self._silence:g} s; is the model loading, or the server stuck?"
            )
        return f"was silent for {self._silence:g} s in the middle of its answer; ask again"

    def _next(self) -> float:
        return min(self._end, self._loop.time() + self._silence)
