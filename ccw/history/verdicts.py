"""Why a logged call hit or missed: each reason by one stable word, and in words for people."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime

from ccw.history.calls import Call
from ccw.history.pieces import AFTER, HEADER, LEFT_OUT, SUPERSEDED
from ccw.history.traces import Trace

ALREADY_PACKED = "already packed (by a call that was refused or failed, or by ccw cache pack)"
NOT_LOGGED = (
    "already packed, but no earlier call with these patterns is in the log (it was refused, "
    "failed, or is no longer there; ccw cache pack leaves no line)"
)
FIRST = (
    "no earlier call that used the cache with these patterns, or for exactly these files, is in "
    "the log"
)
FIRST_THERE = "the model was not asked with these patterns, or about exactly these files, before"
UNHEEDED = "the call switched ccw's cache off, but this provider caches by itself"
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


def in_context_cache(call: Call) -> Verdict:
    """Return why the context cache had the files of *call*, or had not."""
    changes, minutes = call.trace.changes, call.trace.local_life / 60
    if call.local_hit is None:
        return Verdict(None, "off", "the context cache was switched off, or could not be used")
    if call.local_hit and changes is not None and changes.none:
        return Verdict(True, "hit", "the same files as in the call before")
    if call.local_hit:
        return Verdict(True, "packed", NOT_LOGGED if changes is None else ALREADY_PACKED)
    if changes is None:
        return Verdict(False, "first", FIRST)
    if call.trace.renamed and changes.none:
        message = "the same files as in an earlier call, but named by other patterns"
        return Verdict(False, "patterns", message)
    if changes.count:
        files = "1 file differs" if changes.count == 1 else f"{changes.count:,} files differ"
        return Verdict(False, "changed", f"{files} from {_earlier(call.trace)}")
    if changes.left_out:
        message = "the files are the same as in the call before, but others were left out than then"
        return Verdict(False, "left out", message)
    return Verdict(
        False,
        "gone",
        f"the files are the same, but the pack had expired ({minutes:g} minutes after packing), "
        "was thrown out, or was made with another text, with other settings, or for another model "
        "or provider",
    )


def at_provider(call: Call, before: Call | None) -> Verdict:
    """Return why the provider's cache had what *call* sent, or had not.

    *before* is the request before about the same files. A switch that holds here alone is told of.
    """
    verdict = _why(call, before)
    if verdict.hit is False and not call.trace.prefix_key and call.trace.kept == "by itself":
        return replace(verdict, message=f"{verdict.message}; {UNHEEDED}")
    return verdict


def _why(call: Call, before: Call | None) -> Verdict:
    """The first reason that holds counts, from the surest to what is left."""
    for check in (_told, _asked, _known, _alive, _same_start):
        verdict = check(call, before)
        if verdict is not None:
            return verdict
    where = _then(call.trace)
    return Verdict(
        False,
        "not kept",
        f"what was sent before was the same{' up to there' if where else ''}, but the provider "
        f"had not kept it, or asked another of its servers{where}",
    )


def seconds_between(before: Call | None, call: Call) -> float | None:
    """Return the seconds from one call to the other, None where the clock was put back."""
    if before is None:
        return None
    then, now = (datetime.fromisoformat(time) for time in (before.time, call.time))
    return (now - then).total_seconds() if now >= then else None


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
    if trace.minimum is not None and call.total_input < trace.minimum:
        few = f"{call.total_input:,} of the {trace.minimum:,} tokens it takes"
        return Verdict(False, "below minimum", few)
    return None


def _known(call: Call, before: Call | None) -> Verdict | None:
    if before is None:
        return Verdict(False, "first", f"{FIRST_THERE} by this endpoint")
    if before.trace.system != call.trace.system:
        message = "the system message differs from the one before, and it comes first"
        return Verdict(False, "system message", message)
    return None


def _alive(call: Call, before: Call | None) -> Verdict | None:
    seconds, lifetime = seconds_between(before, call), call.trace.lifetime
    if before is not None:
        lifetime = min(lifetime, before.trace.lifetime)
    if seconds is None or seconds <= lifetime:
        return None
    ago, lives = _span(seconds), _span(lifetime)
    return Verdict(False, "expired", f"sent {ago} ago; it lives for {lives} from its last use")


def _same_start(call: Call, before: Call | None) -> Verdict | None:
    if call.trace.marks:
        return _marked_start(call, before) if before is not None else None
    trace = call.trace
    low, high = trace.between or (trace.first_difference, trace.first_difference)
    if low is None or high is None:
        return None
    short = _below_minimum(call, low, high)
    if short is not None:
        return Verdict(False, "differs", f"too little is the same: about {short}{_then(trace)}")
    if low + trace.lead == 0:
        little = "little or nothing" if high else "nothing"
        return Verdict(False, "differs", f"{little} is the same{_then(trace)}")
    return None


def _marked_start(call: Call, before: Call) -> Verdict | None:
    """Tell of what is the same, and of the prefixes within that were stored."""
    trace = call.trace
    place = trace.between[0] if trace.between else trace.first_difference
    marks = [mark for mark in before.trace.marks if place is None or mark <= place]
    if not marks:
        message = f"the request before had no mark within what is the same{_then(trace)}"
        return Verdict(False, "mark not found", message)
    short = _below_minimum(call, max(marks), max(marks))
    if short is None:
        return None
    message = f"the last mark within what is the same stands at about {short}{_then(trace)}"
    return Verdict(False, "below minimum", message)


def _below_minimum(call: Call, low: int, high: int) -> str | None:
    """Say how many tokens *call* has up to a place, if they are too few for the model's cache.

    The place lies between *low* and *high*, in bytes of the context; tokens are reckoned from the
    provider's own count of the whole.
    """
    trace = call.trace
    if trace.minimum is None or not trace.size:
        return None
    least, most = (
        round(call.total_input * (trace.lead + place) / trace.size) for place in (low, high)
    )
    if most >= trace.minimum:
        return None
    tokens = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"{tokens} of the {trace.minimum:,} tokens it takes"


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


def _earlier(trace: Trace) -> str:
    if trace.renamed:
        return "an earlier call, which named these files by other patterns"
    return "the call before"


def _span(seconds: float) -> str:
    """Say *seconds*, rounded up: what is over a lifetime does not look as if it were not."""
    whole = math.ceil(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole >= 7200:
        return f"{whole / 3600:.1f} h"
    return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
