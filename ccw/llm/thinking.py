"""How much room a call has to leave for the model's thinking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

# What litellm 1.106.2 makes of an effort for Anthropic: DEFAULT_REASONING_EFFORT_*_THINKING_BUDGET
# and ANTHROPIC_MIN_THINKING_BUDGET_TOKENS in litellm/constants.py, looked up 2026-11-20.
BUDGETS = {
    "none": 0,
    "minimal": 1024,
    "low": 1024,
    "medium": 2048,
    "high": 4096,
    "xhigh": 8192,
    "max": 16384,
}
ADAPTIVE = BUDGETS["medium"]  # its budget for a model that knows no adaptive thinking
# OpenAI's models that reason; 16 is the least that OpenAI lets an answer be.
_REASONING = re.compile(r"(?i)(?:^|[/:_-])(?:gpt-?[5-9]|o[134](?!\d))")
LEAST_OF_REASONING = 16


def least_output(params: Mapping[str, Any], model: str) -> int:
    """Return the fewest tokens of an answer that *params*, in the wire's names, leave room for.

    Thinking is part of what is cached by, so it stays as it is, and needs room.

    The room that *params* give is kept then: litellm fits some budgets into it.
    """
    budget = max(_budget(params.get("thinking")), _effort(params.get("reasoning_effort")))
    own = [params.get("max_tokens"), params.get("max_completion_tokens")]
    given = [room for room in own if is_count(room)]
    if budget and given:
        return max(given)
    return max(budget + 1, LEAST_OF_REASONING if _REASONING.search(model) else 1)


def is_count(value: object) -> TypeGuard[int]:
    """Whether *value*, as a configuration may have it, says how many there are."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _budget(thinking: object) -> int:
    if not isinstance(thinking, Mapping):
        return 0
    budget = thinking.get("budget_tokens", ADAPTIVE if thinking.get("type") == "adaptive" else 0)
    return budget if isinstance(budget, int) else 0


def _effort(effort: object) -> int:
    """An effort that is not known is taken for the greatest."""
    named = effort.get("effort") if isinstance(effort, Mapping) else effort
    return 0 if named is None else BUDGETS.get(str(named), max(BUDGETS.values()))
