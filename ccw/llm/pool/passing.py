"""What to say of endpoints that a call went past without asking them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ccw.llm.pool.router import Pool
from ccw.llm.pool.unanswered import over_own_limit, resting
from ccw.llm.pool.values import Step


@dataclass(frozen=True, slots=True)
class Times:
    """One moment: in the time of the event loop, and in seconds since 1970."""

    loop: float
    wall: float


def passed_over(
    pool: Pool, steps: Sequence[Step], reached: str, tried: Collection[str], times: Times
) -> Iterator[str]:
    """Yield a note about each endpoint before the *reached* one that is not among the *tried*."""
    for step in steps:
        if step.endpoint == reached:
            return
        if step.endpoint not in tried:
            yield f"endpoint {step.endpoint} is passed over: {_reason(pool, step.provider, times)}"


def _reason(pool: Pool, provider: str, times: Times) -> str:
    """Return why no key of *provider* was left: they rest, or its limit is used up."""
    group = pool.group(provider)
    rests = resting(pool, group, times.loop)
    if not rests:
        return str(over_own_limit(group, times.wall).error)
    return "; ".join(
        f"{name} rests for another {rest.until - times.loop:.0f} s: {rest.error}"
        for name, rest in rests.items()
    )
