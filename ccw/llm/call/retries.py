"""Try again what may succeed later; the only place that repeats a call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import tenacity

from ccw.llm.call.failures import Failure

LONGEST_WAIT = 60.0  # seconds; who asks for more is not waited for
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]
OnWait = Callable[[float, Failure], None]


async def with_retries(
    attempt: Callable[[], Awaitable[Result | Failure]],
    max_retries: int,
    sleep: Sleep,
    seconds_left: Callable[[], float],
    on_wait: OnWait | None = None,
) -> Result | Failure:
    """Return the first outcome that is not worth a retry, or the last one.

    Waits as long as the server asked, else a random time under a doubling bound (full jitter);
    never longer than *seconds_left* allows. *on_wait* is told of a wait, in seconds, that begins,
    and the failure before it.
    """

    async def once() -> Result | Failure:
        return await attempt()

    def too_long(state: tenacity.RetryCallState) -> bool:
        return state.upcoming_sleep > min(LONGEST_WAIT, seconds_left())

    def tell(state: tenacity.RetryCallState) -> None:
        failure = _last_outcome(state)
        if on_wait is not None and isinstance(failure, Failure):
            on_wait(state.upcoming_sleep, failure)

    retrying = tenacity.AsyncRetrying(
        sleep=sleep,
        before_sleep=tell,
        retry=tenacity.retry_if_result(
            lambda outcome: isinstance(outcome, Failure) and outcome.retry
        ),
        wait=_wait,
        stop=lambda state: state.attempt_number > max_retries or too_long(state),
        retry_error_callback=_last_outcome,
    )
    return await retrying(once)


def _wait(state: tenacity.RetryCallState) -> float:
    outcome = _last_outcome(state)
    if isinstance(outcome, Failure) and outcome.retry_after is not None:
        return outcome.retry_after
    backoff = tenacity.wait_random_exponential(multiplier=FIRST_BACKOFF, max=LONGEST_BACKOFF)
    return backoff(state)


def _last_outcome(state: tenacity.RetryCallState) -> object:
    assert state.outcome is not None
    return state.outcome.result()
