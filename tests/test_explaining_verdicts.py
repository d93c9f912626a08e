"""What is told of a miss at the provider, from two logged calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccw.explaining import Verdict, explained
from ccw.history.calls import Call
from ccw.history.traces import Trace

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LARGE, MARKS = 40_000, (10_000, 20_000, 40_000)  # bytes
BY_ITSELF = Trace(
    prefix_key="key",
    system="none",
    marks=(),
    kept="by itself",
    lifetime=300,
    local_life=3600,
    minimum=1024,
    size=LARGE,
    first_difference=30_000,
    file="b.txt",
    file_before="b.txt",
)
AT_MARKS = replace(BY_ITSELF, kept="at marks", marks=MARKS)


def call(trace: Trace, after: float = 0, tokens: int | None = 10_000) -> Call:
    time = (BEGIN + timedelta(seconds=after)).isoformat(timespec="milliseconds")
    read = None if tokens is None else 0
    return Call(time, "ask", "gpt-5", None, False, tokens, read, read, trace)


def told(trace: Trace, before: Trace, after: float = 60, tokens: int | None = 10_000) -> Verdict:
    """The verdict of a call with *trace* that read nothing, *after* a call with *before*."""
    return explained(call(trace, after, tokens), call(before)).provider


NOT_KEPT = (
    "what was sent before was the same up to there, but the provider had not kept it, or asked "
    "another of its servers; the first byte that differs is 30,000 (b.txt)"
)


@pytest.mark.parametrize(
    ("trace", "reason", "message"),
    [
        pytest.param(BY_ITSELF, "not kept", NOT_KEPT, id="much"),
        pytest.param(
            replace(BY_ITSELF, first_difference=4000),
            "differs",
            "too little is the same: about 1,000 of the 1,024 tokens it takes; "
            "the first byte that differs is 4,000 (b.txt)",
            id="little",
        ),
        pytest.param(
            replace(BY_ITSELF, first_difference=4000, lead=1000, size=41_000, minimum=2048),
            "differs",
            "too little is the same: about 1,220 of the 2,048 tokens it takes; "
            "the first byte that differs is 4,000 (b.txt)",
            id="little-after-a-system-message",
        ),
        pytest.param(
            replace(BY_ITSELF, first_difference=None, between=(0, 4000)),
            "differs",
            "too little is the same: about 0 to 1,000 of the 1,024 tokens it takes; "
            "the first byte that differs is between 0 and 4,000 (b.txt)",
            id="little-between",
        ),
        pytest.param(
            replace(BY_ITSELF, first_difference=None, between=(0, 6000), minimum=None),
            "differs",
            "little or nothing is the same; "
            "the first byte that differs is between 0 and 6,000 (b.txt)",
            id="maybe-nothing",
        ),
        pytest.param(
            replace(BY_ITSELF, first_difference=None, between=(4000, 6000)),
            "not kept",
            NOT_KEPT.replace("30,000", "between 4,000 and 6,000"),
            id="maybe-enough",
        ),
        pytest.param(
            replace(BY_ITSELF, minimum=None, first_difference=0),
            "differs",
            "nothing is the same; the first byte that differs is 0 (b.txt)",
            id="nothing",
        ),
        pytest.param(replace(BY_ITSELF, minimum=None), "not kept", NOT_KEPT, id="unknown-minimum"),
        pytest.param(replace(BY_ITSELF, size=0), "not kept", NOT_KEPT, id="an-older-log"),
    ],
)
def test_how_much_is_the_same(trace: Trace, reason: str, message: str) -> None:
    assert told(trace, BY_ITSELF) == Verdict(False, reason, message)


@pytest.mark.parametrize(
    ("difference", "minimum", "reason"),
    [
        pytest.param(None, 1024, "not kept", id="all"),
        pytest.param(30_000, 1024, "not kept", id="two"),
        pytest.param(10_000, 1024, "not kept", id="just-one"),
        pytest.param(9_999, 1024, "mark not found", id="none"),
        pytest.param(19_999, 4096, "below minimum", id="a-short-one"),
        pytest.param(20_000, 4096, "not kept", id="short-and-long"),
        pytest.param(10_000, None, "not kept", id="unknown-minimum"),
    ],
)
def test_marks_within_what_is_the_same(
    difference: int | None, minimum: int | None, reason: str
) -> None:
    trace = replace(AT_MARKS, first_difference=difference, minimum=minimum)
    assert told(trace, AT_MARKS).reason == reason


def test_a_mark_below_the_minimum_is_told() -> None:
    trace = replace(AT_MARKS, first_difference=15_000, minimum=4096)
    assert told(trace, AT_MARKS).message == (
        "the last mark within what is the same stands at about 2,500 of the 4,096 tokens it "
        "takes; the first byte that differs is 15,000 (b.txt)"
    )


@pytest.mark.parametrize(
    ("now", "before", "lifetime"),
    [
        pytest.param(300.0, 3600.0, "5 min", id="short-now"),
        pytest.param(3600.0, 300.0, "5 min", id="short-before"),
        pytest.param(3600.0, 3600.0, None, id="long"),
    ],
)
def test_the_shorter_of_two_lifetimes_counts(
    now: float, before: float, lifetime: str | None
) -> None:
    found = told(replace(AT_MARKS, lifetime=now), replace(AT_MARKS, lifetime=before), after=660)
    message = f"sent 11 min ago; it lives for {lifetime} from its last use"
    assert (found.reason, found.message == message) == (
        ("expired", True) if lifetime else ("not kept", False)
    )


@pytest.mark.parametrize(
    ("after", "lifetime", "message"),
    [
        pytest.param(100.2, 100.0, "101 s ago; it lives for 100 s", id="seconds"),
        pytest.param(300.2, 300.0, "5 min 1 s ago; it lives for 5 min", id="just-over"),
        pytest.param(359.0, 300.0, "5 min 59 s ago; it lives for 5 min", id="minutes-and-seconds"),
        pytest.param(3601.0, 3600.0, "60 min 1 s ago; it lives for 60 min", id="just-over-an-hour"),
        pytest.param(9000.0, 3600.0, "2.5 h ago; it lives for 60 min", id="hours"),
    ],
)
def test_how_long_ago(after: float, lifetime: float, message: str) -> None:
    trace = replace(BY_ITSELF, lifetime=lifetime, first_difference=None)
    found = told(trace, trace, after=after)
    assert (found.reason, found.message) == ("expired", f"sent {message} from its last use")


def test_a_clock_that_was_put_back_tells_no_time() -> None:
    found = explained(call(BY_ITSELF, -4000), call(BY_ITSELF))
    assert (found.seconds_since, found.provider.reason) == (None, "not kept")
