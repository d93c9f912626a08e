"""What sending the same files once and again costs at most, and whether enough is left for it."""

from __future__ import annotations

import math

from ccw.errors import CostExceeded
from ccw.execution.answers import longest_output
from ccw.execution.limits import check_total, most_input
from ccw.execution.planning import Plan
from ccw.llm.money import at_most, dollars, in_full
from ccw.llm.usage import Usage

STEP = 128  # tokens by which what is cached grows: as many, and what follows the files, are fresh
ROUNDING = 1 + 1e-9  # of sums


def first_cost(plan: Plan) -> float | None:
    """Return what *plan* costs at most, in USD; None where that is unknown.

    All input is written to the cache, at the price of its lifetime, or is fresh.
    """
    tokens, cost, output = most_input(plan), plan.target.cost, _output(plan)
    fresh = cost(Usage(input=tokens, output=output))
    hour = plan.caching.lifetime == "1h"
    lives = {"cache_write_1h": tokens} if hour else {"cache_write_5m": tokens}
    written = cost(Usage(**lives, output=output))
    if fresh is None or (written is None and plan.caching.marks):
        return None
    return max(fresh, written or 0.0)


def next_cost(plan: Plan) -> float | None:
    """Return what *plan* costs at most where its files are cached, in USD; None where unknown."""
    tokens, behind = most_input(plan), 1.0
    if plan.packed is not None:
        behind -= plan.packed.prefix_bytes / plan.size()
    fresh = min(tokens, math.ceil(tokens * behind) + STEP)
    usage = Usage(input=fresh, cache_read=tokens - fresh, output=_output(plan))
    return plan.target.cost(usage)


class Budget:
    """What several sendings may cost together: at most *most* USD, of which some is `spent`.

    What was sent before, to the byte, counts as read from the provider's cache, until the usage
    of such a call tells of nothing read.
    """

    def __init__(self, most: float) -> None:
        self.most, self.spent = most, 0.0
        self._last: Plan | None = None
        self._again, self._kept = False, True

    def check(self, plan: Plan) -> None:
        """Raise CostExceeded where sending *plan* next may cost more than what is left."""
        same = self._last is not None and _is_same(plan, self._last)
        cost = next_cost(plan) if same and self._kept else first_cost(plan)
        if cost is None:
            check_total(plan.target.endpoint.model, None, self.most)
        elif self.spent + cost > self.most * ROUNDING:
            raise CostExceeded(self._refusal(cost, same=same))
        self._last, self._again = plan, same

    def take(self, cost: float | None, usage: Usage | None) -> None:
        """Take what was checked last as sent for *cost* in USD; unknown, it is all that it may."""
        assert self._last is not None
        told = first_cost(self._last) if cost is None else cost
        self.spent += told or 0.0
        self._kept = not self._again or (usage is not None and usage.cache_read > 0)

    def _refusal(self, cost: float, *, same: bool) -> str:
        spent = f"{dollars(self.spent)} of --max-cost {in_full(self.most)} are spent"
        may = f"this call may cost up to {at_most(cost)}{self._why(same=same)}"
        return f"{spent}: {may}; name fewer files, or allow a higher --max-cost"

    def _why(self, *, same: bool) -> str:
        if self._last is None:
            return ""
        if not same:
            return ", as what is sent has changed"
        return "" if self._kept else ", as the call before read nothing from the cache"


def _is_same(plan: Plan, other: Plan) -> bool:
    return (plan.target, plan.caching) == (other.target, other.caching) and (
        plan.messages() == other.messages()
    )


def _output(plan: Plan) -> int:
    return longest_output(plan.target) or 0
