"""Why the last call hit or missed, in the context cache here and in the provider's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ccw.errors import NotFound
from ccw.history.calls import Call, Failure, last_call
from ccw.history.traces import Changes
from ccw.history.verdicts import Verdict as Verdict
from ccw.history.verdicts import at_provider, in_context_cache, seconds_between


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a call hit or missed.

    `seconds_since` the request before, None without one and where the clock was put back.
    `first_difference` is the first byte of the context that differs from that request. It lies
    between the two of `first_difference_between` where it is not known to the byte; both are None
    when nothing differs. `part` of the context stands there, "file" or another, and in it `file`.
    `failed_since` is the last call that failed after this one.
    """

    session: str | None
    time: str
    endpoint: str
    model: str
    local: Verdict
    changes: Changes
    provider: Verdict
    cache_read: int | None
    total_input: int | None
    first_difference: int | None
    file: str | None
    file_before: str | None
    seconds_since: float | None
    lifetime_seconds: float
    first_difference_between: tuple[int, int] | None = None
    part: str | None = None
    failed_since: Failure | None = None


def explain(project: Path, session: str | None = None) -> Explanation:
    """Return why the last call with files, or the last of *session*, hit or missed.

    Raises NotFound when no such call is in the log, HistoryUnusable.
    """
    found = last_call(project, session)
    if found.call is None:
        raise NotFound(_nothing(session, found.failure))
    return replace(explained(found.call, found.before), failed_since=found.failure)


def failed(failure: Failure) -> str:
    """Say which call failed."""
    return f"the call at {failure.time} failed with exit code {failure.exit_code}"


def explained(call: Call, before: Call | None) -> Explanation:
    """Return why *call* hit or missed, *before* is the one about the same files at its model."""
    trace = call.trace
    return Explanation(
        session=call.session,
        time=call.time,
        endpoint=call.endpoint,
        model=call.model,
        local=in_context_cache(call),
        changes=trace.changes or Changes(),
        provider=at_provider(call, before),
        cache_read=call.cache_read,
        total_input=None if call.input is None else call.total_input,
        first_difference=trace.first_difference,
        file=trace.file,
        file_before=trace.file_before,
        seconds_since=seconds_between(before, call),
        lifetime_seconds=trace.lifetime,
        first_difference_between=trace.between,
        part=trace.part,
    )


def _nothing(session: str | None, failure: Failure | None) -> str:
    whose = f" and session {session}" if session else ""
    nothing = f"no call with files{whose} that reached the model is in the run log"
    if failure is not None:
        return f"{nothing}; {failed(failure)}"
    if session is not None:
        return f"{nothing}; `ccw cache explain` tells of the last"
    return f'{nothing}; make one: ccw cli -p "@README.md Why?"'
