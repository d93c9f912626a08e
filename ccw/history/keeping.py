"""What stays of a call that has ended: its line in the run log, its files in the context cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.errors import HistoryUnusable
from ccw.execution.files import tell_sent
from ccw.history.log import LOCK_SECONDS, record, run_of
from ccw.history.traces import trace_of

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionResult
    from ccw.execution.planning import Plan


@dataclass(frozen=True, slots=True)
class Call:
    """A call of *plan* that began at `started`, in seconds since 1970, and what came of it.

    `sent`: a try of it was going out when it ended; `carried`: an answer to it had begun to come.
    """

    project: Path
    plan: Plan
    result: LiteLLMExecutionResult
    started: float
    sent: bool
    carried: bool


def keep(call: Call, now: float) -> tuple[str, ...]:
    """Log *call*, and tell the context cache *now* of its files; return why not, if it is not."""
    refused: tuple[str, ...] = ()
    try:
        log(call, LOCK_SECONDS)
    except HistoryUnusable as error:
        refused = (str(error),)
    return (*tell_sent(call.plan, now), *refused) if call.carried else refused


def log(call: Call, patience: float) -> None:
    """Add *call* to the run log, waiting *patience* seconds for others. Raises HistoryUnusable."""
    run = run_of(call.plan, call.result, call.started)
    record(call.project, run, patience, trace_of(call.plan, call.result, sent=call.sent))
