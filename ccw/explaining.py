"""Why the last call hit or missed, in the context cache here and in the provider's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ccw.errors import NotFound
from ccw.history.calls import Call, Failure, last_call
from ccw.history.pieces import AFTER, HEADER, LEFT_OUT, SUPERSEDED
from ccw.history.traces import Changes, Trace

ALREADY_PACKED = "already packed (by a refused call, ccw cache pack or ccw cache warm)"
PARTS = {  # of a pack, as people are told
    HEADER: "the header of the pack",
    SUPERSEDED: "a copy that counts no more",
    AFTER: "what follows the files",
    LEFT_OUT: "the list of files left out",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a cache had it: `reason` is one stable word, `message` says it to people."""

    hit: bool | None
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a call hit or missed. `seconds_since` the request before, None without one.

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
        local=_local(call),
        changes=trace.changes or Changes(),
        provider=_provider(call, before),
        cache_read=call.cache_read,
        total_input=None if call.input is None else call.total_input,
        first_difference=trace.first_difference,
        file=trace.file,
        file_before=trace.file_before,
        seconds_since=_seconds(call, before),
        lifetime_seconds=trace.lifetime,
        first_difference_between=trace.between,
        part=trace.part,
    )


def _local(call: Call) -> Verdict:
    changes, minutes = call.trace.changes, call.trace.local_life / 60
    if call.local_hit is None:
        return Verdict(None, "off", "the context cache was switched off, or could not be used")
    if call.local_hit and changes is not None and changes.none:
        return Verdict(True, "hit", "the same files as in the call before")
    if call.local_hit:
        return Verdict(True, "packed", ALREADY_PACKED)
    if changes is None:
        return Verdict(False, "first", "no earlier call about these files is in the log")
    if changes.count:
        files = "1 file differs" if changes.count == 1 else f"{changes.count:,} files differ"
        return Verdict(False, "changed", f"{files} from the call before")
    if changes.left_out:
        message = "the files are the same as in the call before, but others were left out than then"
        return Verdict(False, "left out", message)
    return Verdict(
        False,
        "gone",
        f"the files are the same, but the pack had expired ({minutes:g} minutes after packing), "
        "was thrown out, or was made with another text or other settings",
    )


def _provider(call: Call, before: Call | None) -> Verdict:
    """The first reason that holds, from the surest to what is left."""
    for check in (_told, _asked, _known, _alive, _same_start):
        verdict = check(call, before)
        if verdict is not None:
            return verdict
    return Verdict(
        False,
        "not kept",
        "what was sent before was the same up to there, but the provider had not kept it, or "
        "asked another of its servers",
    )


def _told(call: Call, _before: Call | None) -> Verdict | None:
    if call.input is None:
        return Verdict(None, "unknown", "the provider told no usage")
    if call.cache_read:
        what = f"{call.cache_read:,} of {call.total_input:,} tokens were read from the cache"
        return Verdict(True, "hit", f"{what}{_then(call.trace)}")
    return None


def _asked(call: Call, _before: Call | None) -> Verdict | None:
    trace = call.trace
    if trace.inert is not None:
        tokens, minimum = trace.inert
        return Verdict(False, "below minimum", f"{tokens:,} of the {minimum:,} tokens it takes")
    if trace.kept == "at marks" and not trace.marks:
        return Verdict(False, "no marks", "the call set no cache marks, so nothing was stored")
    if trace.kept == "unknown" and not trace.marks:
        return Verdict(False, "no cache", "this route is not known to cache a prefix")
    return None


def _known(call: Call, before: Call | None) -> Verdict | None:
    if not call.trace.prefix_key:
        return Verdict(False, "off", "the cache was switched off for this call")
    if before is None:
        return Verdict(False, "first", "the model was not sent these files by this endpoint before")
    if before.trace.system != call.trace.system:
        message = "the system message differs from the one before, and it comes first"
        return Verdict(False, "system message", message)
    return None


def _alive(call: Call, before: Call | None) -> Verdict | None:
    seconds, lifetime = _seconds(call, before), call.trace.lifetime
    if before is not None:
        lifetime = min(lifetime, before.trace.lifetime)
    if seconds is None or seconds <= lifetime:
        return None
    ago, lives = _span(seconds), _span(lifetime)
    return Verdict(False, "expired", f"sent {ago} ago; it lives for {lives} from its last use")


def _same_start(call: Call, before: Call | None) -> Verdict | None:
    trace = call.trace
    place = _same_bytes(trace)
    if trace.marks and before is not None and not _stored(before, place):
        message = f"the request before had no mark within what is the same{_then(trace)}"
        return Verdict(False, "mark not found", message)
    if not trace.marks and place is not None:
        return Verdict(False, "differs", f"too little is the same{_then(trace)}")
    return None


def _stored(before: Call, place: int | None) -> bool:
    """Whether a prefix was stored that the call, the same up to *place*, began with."""
    return any(place is None or mark <= place for mark in before.trace.marks)


def _same_bytes(trace: Trace) -> int | None:
    """Return how many bytes were surely sent before, None for all of them."""
    return trace.between[0] if trace.between else trace.first_difference


def _then(trace: Trace) -> str:
    if trace.between:
        low, high = trace.between
        place = f"between {low:,} and {high:,}"
    elif trace.first_difference is not None:
        place = f"{trace.first_difference:,}"
    else:
        return ""
    what = trace.file or PARTS.get(trace.part or "")
    where = f" ({what})" if what else ""
    stood = f", where {trace.file_before} stood" if _moved(trace) else ""
    return f"; the first byte that differs is {place}{where}{stood}"


def _moved(trace: Trace) -> bool:
    return bool(trace.file_before) and trace.file_before != trace.file


def _seconds(call: Call, before: Call | None) -> float | None:
    if before is None:
        return None
    then, now = (datetime.fromisoformat(time) for time in (before.time, call.time))
    return (now - then).total_seconds()


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _nothing(session: str | None, failure: Failure | None) -> str:
    whose = f" and session {session}" if session else ""
    nothing = f"no call with files{whose} that reached the model is in the run log"
    if failure is not None:
        return f"{nothing}; {failed(failure)}"
    if session is not None:
        return f"{nothing}; `ccw cache explain` tells of the last"
    return f'{nothing}; make one: ccw cli -p "@README.md Why?"'
