"""What can be known before a call to stand in its way, and whether the fallbacks may be asked."""

from __future__ import annotations

from ccw.errors import CcwError, ContextWindowExceeded
from ccw.execution.keys import UNRESOLVED
from ccw.execution.limits import check_cost, check_window
from ccw.execution.planning import Plan


def obstacle_of(plan: Plan, max_cost: float | None) -> CcwError | None:
    """Return what can be known before a call to stand in its way, None when nothing does."""
    if plan.key.obstacle is not None:
        return plan.key.obstacle
    try:
        check_window(plan)
        check_cost(plan, max_cost)
    except CcwError as error:
        return error
    return None


def is_passable(plan: Plan, obstacle: CcwError) -> bool:
    """Tell whether the fallbacks of *plan*, if it has any, may be asked in spite of *obstacle*."""
    kinds = (ContextWindowExceeded, *UNRESOLVED)
    return bool(plan.chain.fallbacks) and isinstance(obstacle, kinds)
