"""What a reply cost: as the gateway tells it, else by the prices that are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccw.execution.options import CostSource

if TYPE_CHECKING:
    from ccw.execution.planning import Plan
    from ccw.llm.client import Reply, Route

GATEWAY = "litellm"  # the type of provider that can be asked what a reply cost
BILLING = frozenset({GATEWAY, "openrouter"})  # whose replies tell what they cost
SAME_PRICES = 0.01  # the part by which a told cost may differ from one that is worked out


@dataclass(frozen=True, slots=True)
class Bill:
    """What a reply cost and what the provider's cache saved of that, in USD; None where unknown."""

    cost: float | None = None
    source: CostSource | None = None
    saved: float | None = None


def told_cost(plan: Plan, reply: Reply, route: Route) -> float | None:
    """Return the USD that the gateway of *plan* says its *reply* cost, None when it says nothing.

    Where the reply does not tell it, the gateway is asked, for two seconds at most.
    """
    if not _has_to_ask(plan, reply):
        return _told(plan, reply)
    from ccw.llm.gateway.spend import estimated_cost

    assert reply.usage is not None
    return estimated_cost(route, plan.target.endpoint.model, reply.usage)


async def atold_cost(plan: Plan, reply: Reply, route: Route) -> float | None:
    """Return the same as `told_cost`, awaited."""
    if not _has_to_ask(plan, reply):
        return _told(plan, reply)
    from ccw.llm.gateway.spend import aestimated_cost

    assert reply.usage is not None
    return await aestimated_cost(route, plan.target.endpoint.model, reply.usage)


def bill_of(plan: Plan, reply: Reply, told: float | None) -> Bill:
    """Return what *reply* cost; *told* is what the gateway said, and counts first.

    What was saved is worked out by the prices that are known, and unknown where they are not the
    gateway's own.
    """
    if reply.usage is None:
        return Bill() if told is None else Bill(told, "gateway")
    facts = plan.target.facts.on(reply.terms.over(plan.target.terms))
    cost, saved = facts.cost(reply.usage), facts.saved(reply.usage)
    if told is None:
        return Bill(cost, None if cost is None else "prices", saved)
    same = cost is not None and math.isclose(cost, told, rel_tol=SAME_PRICES)
    return Bill(told, "gateway", saved if same else None)


def _told(plan: Plan, reply: Reply) -> float | None:
    return reply.billed if plan.target.provider.type in BILLING else None


def _has_to_ask(plan: Plan, reply: Reply) -> bool:
    """Whether the gateway has to be asked; it would answer by its usual prices."""
    if plan.target.provider.type != GATEWAY or reply.billed is not None or reply.usage is None:
        return False
    return reply.terms.over(plan.target.terms).usual
