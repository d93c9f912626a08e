"""What a call may not exceed, and what it falls short of: window, cost, the cacheable minimum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ccw.errors import ContextWindowExceeded, CostExceeded, UsageError
from ccw.execution.answers import longest_output
from ccw.execution.caching import minimum_of
from ccw.execution.counting import count_plan
from ccw.execution.planning import Plan
from ccw.execution.targets import LISTED
from ccw.llm.cacheable import CacheInert
from ccw.llm.counts import open_counter
from ccw.llm.money import at_most, in_full
from ccw.llm.usage import Usage

if TYPE_CHECKING:
    from ccw.llm.local.model import LocalServer

CERTAINLY_OVER = 2  # an estimated count refuses a call only when it is over by this factor
ESTIMATE_MARGIN = 1.35  # what other tokenizers make of the same text, at most
FRAME_TOKENS = 8  # that frame a message, at most
LONGEST_TOKEN = 128  # bytes, of white space; of common text it is 3 to 5


def check_window(plan: Plan) -> None:
    """Raise ContextWindowExceeded when *plan* cannot fit the model's context window."""
    window = plan.target.facts.context_window
    if window is None or plan.size() <= window:  # a token is at least one byte
        return
    count = count_plan(plan)
    if count.tokens > window * (1 if count.exact else CERTAINLY_OVER):
        raise over_window(plan, str(count), window)


def check_local_window(plan: Plan, server: LocalServer) -> None:
    """Raise ContextWindowExceeded by the exact count that the embedded model makes itself."""
    from ccw.llm.local.server import CONTEXT_WINDOW, count_prompt_tokens

    if plan.size() <= CONTEXT_WINDOW:
        return
    tokens = count_prompt_tokens(server, plan.messages())
    if tokens >= CONTEXT_WINDOW:
        raise over_window(plan, f"{tokens:,}", CONTEXT_WINDOW)


def over_window(plan: Plan, tokens: str, window: int) -> ContextWindowExceeded:
    """Return the error for a plan of *tokens* that the model cannot hold."""
    return ContextWindowExceeded(
        f"the prompt with its files has {tokens} tokens, the context window of "
        f"{plan.target.endpoint.model} holds {window:,}; name fewer files, exclude some with "
        f"@!pattern, or ask an endpoint with a larger window"
    )


def check_cost(plan: Plan, max_cost: float | None) -> None:
    """Raise CostExceeded when the call of *plan* may cost more than *max_cost*, in USD."""
    if max_cost is None:
        return
    if not 0 <= max_cost < math.inf:
        raise UsageError("the greatest cost of a call is an amount in USD: 0 or more")
    bound = cost_bound(plan)
    if bound is None:
        raise CostExceeded(f"{_why_unbounded(plan)}, or leave out --max-cost")
    if bound > max_cost:
        raise CostExceeded(
            f"this call may cost up to {at_most(bound)} with all input as fresh, more than "
            f"--max-cost {in_full(max_cost)}; name fewer files, lower the endpoint's maxTokens, or "
            f"allow --max-cost {_next_cent(bound)}"
        )


def check_total(model: str, total: float | None, max_cost: float | None) -> None:
    """Raise CostExceeded when warming *model*, at most *total*, may cost more than *max_cost*.

    Both in USD, for the files as often as they are sent; *total* is None when it is unknown.
    """
    if max_cost is None:
        return
    if total is None:
        raise CostExceeded(
            f"the price of what {model} writes to its cache is unknown; write its "
            "cacheWriteCostPerMillion into the models of its provider, or leave out --max-cost"
        )
    if total > max_cost:
        raise CostExceeded(
            f"warming these files may cost up to {at_most(total)} in all, more than --max-cost "
            f"{in_full(max_cost)}; name fewer files, a shorter time, or allow --max-cost "
            f"{_next_cent(total)}"
        )


def cost_bound(plan: Plan) -> float | None:
    """Return what the call of *plan* costs at most, in USD; None when that is unknown.

    All input counts as fresh, and the answer as long as it may get.
    """
    target = plan.target
    least, output = target.cost(Usage(input=1, output=1)), longest_output(target)
    if least == 0:
        return 0.0
    if output is None or least is None:
        return None
    return target.cost(Usage(input=most_input(plan), output=output))


def most_input(plan: Plan) -> int:
    """Return the tokens that *plan* sends at most."""
    count, size = count_plan(plan), plan.size()
    tokens = count.tokens if count.exact else min(math.ceil(count.tokens * ESTIMATE_MARGIN), size)
    return tokens + FRAME_TOKENS * len(plan.messages())


def cache_inert(plan: Plan, usage: Usage | None) -> CacheInert | None:
    """Tell when the pack of *plan* is too short for the provider's cache; None when it is not.

    None as well without a pack, where the cache is switched off or the minimum is not known, and
    where *usage* shows that the provider caches all the same.
    """
    if plan.packed is None:
        return None
    minimum = minimum_of(plan.target)
    if minimum is None or (usage and usage.total_input != usage.input):
        return None
    if not _counts_on_cache(plan):
        return None
    prefix = plan.packed.content[: plan.packed.prefix_bytes]
    if _least_tokens(plan, len(prefix), usage) >= minimum:
        return None
    tokens = _prefix_tokens(plan, prefix, usage)
    return CacheInert(tokens, minimum) if tokens < minimum else None


def _counts_on_cache(plan: Plan) -> bool:
    """Whether the provider's cache is of interest: it is switched off neither here nor there."""
    switched_off = plan.target.endpoint.cache_strategy.provider_cache == "off"
    return plan.prefix_key is not None and not switched_off


def _least_tokens(plan: Plan, prefix: int, usage: Usage | None) -> int:
    """Return how many tokens the first *prefix* bytes have at least, told without counting them.

    All else that the provider counted has at most as many tokens as bytes.
    """
    shortest = prefix // LONGEST_TOKEN
    if usage is None:
        return shortest
    rest = plan.size() - prefix + 3 * FRAME_TOKENS  # two messages, and what parts files and prompt
    return max(shortest, usage.total_input - rest)


def _prefix_tokens(plan: Plan, prefix: bytes, usage: Usage | None) -> int:
    """Count; where the tokenizer is unknown the provider's own count of the whole is divided."""
    with open_counter(plan.target.model, plan.counts_folder) as counter:
        if counter.exact or usage is None:
            return counter.count(prefix)
    return round(usage.input * len(prefix) / plan.size())


def _why_unbounded(plan: Plan) -> str:
    endpoint, provider = plan.target.endpoint, plan.target.provider
    one = Usage(input=1, output=1)
    if plan.target.cost(one) is None and plan.target.facts.cost(one) is not None:
        return (
            f"the price of {endpoint.model} with {plan.target.terms} is unknown; take that out of "
            f"the params of endpoint {endpoint.id}"
        )
    if plan.target.cost(one) is None:
        listed = f"let its list tell it (ccw models --provider {provider.id}), or "
        return (
            f"the price of {endpoint.model} is unknown; {listed if provider.type in LISTED else ''}"
            f"write its inputCostPerMillion and outputCostPerMillion into the models of provider "
            f"{provider.id}"
        )
    return (
        f"the longest answer of {endpoint.model} is unknown; bound it: "
        f"ccw endpoint update {endpoint.id} --param maxTokens=N"
    )


def _next_cent(amount: float) -> str:
    return f"{math.ceil(amount * 100) / 100:.2f}"
