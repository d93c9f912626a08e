"""What a reply cost: as the gateway tells it, else by the prices that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccw.execution.options import CostSource

if TYPE_CHECKING:
    from ccw.execution.planning import Plan
    from ccw.llm.client import Reply, Route

GATEWAY = "litellm"  # the type of provider that knows what its replies cost


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


def cost_of(plan: Plan, reply: Reply, told: float | None) -> tuple[float | None, CostSource | None]:
    """Return the cost of *reply* in USD and who says so; *told* is what the gateway said."""
    if told is not None:
        return told, "gateway"
    cost = plan.target.facts.cost(reply.usage) if reply.usage else None
    return cost, None if cost is None else "prices"


def _told(plan: Plan, reply: Reply) -> float | None:
    return reply.billed if plan.target.provider.type == GATEWAY else None


def _has_to_ask(plan: Plan, reply: Reply) -> bool:
    gateway = plan.target.provider.type == GATEWAY
    return gateway and reply.billed is None and reply.usage is not None
