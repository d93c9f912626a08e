"""Warm a provider's prefix cache: send the files once, and again before it forgets them.

What is sent up to the prompt are the bytes of every other call about the same files, so that
these find them cached.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ccw.config.places import ccw_home
from ccw.config.references import project_environ
from ccw.errors import UsageError
from ccw.execution.answers import longest_output, unbounded
from ccw.execution.budget import Budget, first_cost, next_cost
from ccw.execution.caching import row_of
from ccw.execution.counting import count_plan
from ccw.execution.keys import first_key
from ccw.execution.limits import CERTAINLY_OVER, cache_inert, check_cost, check_total
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult
from ccw.execution.planning import Plan, aim_of, make_plan, project_of
from ccw.execution.question import wire_names
from ccw.execution.targets import with_params
from ccw.executor import execute_litellm_endpoint
from ccw.llm.marks import lifetime_of
from ccw.llm.thinking import least_output
from ccw.llm.tokens import TokenCount
from ccw.llm.usage import Usage

PROMPT = "Say OK."
ONE_ANSWER = {"n": None}
# Whatever server may stand behind these: whether it keeps a prefix, its user may know.
UNTOLD = frozenset({"custom", "litellm", "litellm_proxy", "openrouter"})
SAFETY = 0.9  # of the lifetime, after which the prefix is sent again


@dataclass(frozen=True, slots=True)
class Warming:
    """What warming does: money in USD, None where unknown; times in seconds.

    `bound` is what the first call costs at most, `again` what each further one costs about while
    nothing has changed, and `again_bound` at most.
    `lifetime` is how long the prefix lives from its last use. `at_marks`: marks are sent to a
    provider that keeps what they mark, and tells in its usage that it did.
    """

    endpoint: str
    model: str
    provider: str
    files: int
    tokens: TokenCount
    bound: float | None
    again: float | None
    again_bound: float | None
    lifetime: float
    notes: tuple[str, ...]
    options: LiteLLMExecutionOptions = field(repr=False)
    at_marks: bool = False

    def again_at(self, sent: float, end: float) -> float | None:
        """Return when the prefix that was *sent* then is due again; None: it lives until *end*."""
        return None if sent + self.lifetime >= end else sent + self.lifetime * SAFETY

    def moments(self, duration: float) -> tuple[float, ...]:
        """Return when the prefix is sent again so that it lives for *duration* from the start."""
        moments: list[float] = []
        due = self.again_at(0.0, duration)
        while due is not None:
            moments.append(due)
            due = self.again_at(due, duration)
        return tuple(moments)

    def total(self, duration: float) -> float | None:
        """Return what it costs at most for *duration* while no file changes; None if unknown."""
        times = len(self.moments(duration))
        if self.bound is None or (times and self.again_bound is None):
            return None
        return self.bound + times * (self.again_bound or 0.0)

    def kept(self, usage: Usage | None) -> bool | None:
        """Whether the provider keeps what a call with *usage* sent; None where nobody knows."""
        if usage is not None and usage.total_input > usage.input:
            return True
        if self.at_marks:
            return False if usage and usage.input else None
        return None if self.provider in UNTOLD else True


def plan_warming(
    options: LiteLLMExecutionOptions,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Warming:
    """Return what warming the files of *options* does; nothing is sent.

    Raises UsageError where it would be for nothing, and what the call would report; CostExceeded
    where the first sending alone may cost more than the `max_cost` of *options*.
    """
    values = project_environ(project_of(options), os.environ if environ is None else environ)
    asked = replace(options, prompt=PROMPT, stream=False, params=ONE_ANSWER, fallbacks=())
    aim = aim_of(asked, values)
    key = first_key(aim.target.provider, values)
    plan = make_plan(asked, values, clock(), aim=aim, call=False)  # keeps no files yet
    _check_useful(plan, values)
    room = _room_of(plan)
    plan = replace(plan, notes=(*key.notes, *plan.notes), target=with_params(plan.target, room))
    check_cost(plan, options.max_cost)
    return _warming(plan, replace(asked, params=room))


def _warming(plan: Plan, options: LiteLLMExecutionOptions) -> Warming:
    tokens, row = count_plan(plan), row_of(plan.target)
    output = longest_output(plan.target) or 0
    return Warming(
        endpoint=plan.target.endpoint.id,
        model=plan.target.endpoint.model,
        provider=plan.target.provider.type,
        files=len(plan.packed.files) if plan.packed else 0,
        tokens=tokens,
        bound=first_cost(plan),
        again=plan.target.cost(Usage(cache_read=tokens.tokens, output=output)),
        again_bound=next_cost(plan),
        lifetime=lifetime_of(row, plan.caching),
        notes=plan.notes,
        options=options,
        at_marks=bool(plan.caching.marks) and row.kept == "at marks",
    )


def warm(
    warming: Warming,
    duration: float = 0.0,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[LiteLLMExecutionResult]:
    """Send the prefix, and again as often as it needs to live for *duration* seconds.

    Yields the result of each call; one that failed, or of which the provider stored nothing, is
    the last. Files are packed afresh each time, so that what is kept warm is what the next call
    sends. All together cost at most the `max_cost` of the options: CostExceeded where it is known
    before that they may cost more, a result with this error once they would.
    """
    most = warming.options.max_cost
    check_total(warming.model, warming.total(duration), most)
    budget = None if most is None else Budget(most)
    end = clock() + duration
    while True:
        sent = clock()
        result = _sent(warming.options, budget, environ, clock)
        yield result
        if not result.success or warming.kept(result.usage) is False:
            return
        due = warming.again_at(sent, end)
        if due is None:
            return
        sleep(max(0.0, due - clock()))


def _sent(
    options: LiteLLMExecutionOptions,
    budget: Budget | None,
    environ: Mapping[str, str] | None,
    clock: Callable[[], float],
) -> LiteLLMExecutionResult:
    """Send the prefix if the *budget*, where there is one, allows it; files may have changed."""
    if budget is None:
        return execute_litellm_endpoint(options, environ=environ, clock=clock)

    def on_plan(plan: Plan) -> None:
        budget.check(plan)
        if options.on_plan is not None:
            options.on_plan(plan)

    checked = replace(options, max_cost=None, on_plan=on_plan)
    result = execute_litellm_endpoint(checked, environ=environ, clock=clock)
    if result.success:
        budget.take(result.cost, result.usage)
    return result


def _check_useful(plan: Plan, environ: Mapping[str, str]) -> None:
    """Raise UsageError where the provider would not keep what is sent, or nobody knows."""
    problem = _uncached(plan) or _below_minimum(plan) or _local_ends(plan, environ)
    if problem:
        raise UsageError(f"nothing to warm: {problem}")


def _uncached(plan: Plan) -> str | None:
    endpoint, provider = plan.target.endpoint, plan.target.provider
    if plan.packed is None:
        return "the patterns match no file that can be packed"
    if plan.prefix_key is None or endpoint.cache_strategy.provider_cache == "off":
        return (
            f"the cache is switched off for endpoint {endpoint.id}; "
            f"ccw endpoint update {endpoint.id} --cache --provider-cache 5m"
        )
    row = row_of(plan.target)
    if plan.caching.marks or row.kept == "by itself":
        return None
    if row.kept == "unknown" and provider.type in UNTOLD:
        return None
    if row.kept == "at marks" and not plan.packed.marks:
        return f"none of the files is in the cached prefix (filePatterns of {endpoint.id})"
    if row.kept == "at marks":
        remedy = f"ccw provider update {provider.id} --cache-marks"
        return f"provider {provider.id} is sent no cache marks; {remedy}"
    return f"it is not known that providers of type {provider.type} keep a prefix ({row.source})"


def _below_minimum(plan: Plan) -> str | None:
    inert = cache_inert(plan, None)
    if inert is None:
        return None
    exact = count_plan(plan).exact
    if inert.tokens * (1 if exact else CERTAINLY_OVER) >= inert.minimum:
        return None
    count = TokenCount(inert.tokens, exact)
    return (
        f"{count} tokens are below the {inert.minimum:,} from which on "
        f"{plan.target.endpoint.model} is cached; name more files"
    )


def _local_ends(plan: Plan, environ: Mapping[str, str]) -> str | None:
    if not plan.target.is_local or plan.target.provider.api_base:
        return None
    from ccw.llm.local.state import find_kept

    if find_kept(ccw_home(environ)) is not None:
        return None
    return "the embedded model would forget the files with this process; keep it: ccw local start"


def _room_of(plan: Plan) -> dict[str, Any]:
    """Return what bounds the answer in place of all that the endpoint's parameters say of it."""
    params = wire_names(plan.target.endpoint.params)
    output = least_output(params, plan.target.endpoint.model)
    room = {**ONE_ANSWER, "max_tokens": output, "max_completion_tokens": None}
    body = params.get("extra_body")
    return {**room, "extra_body": unbounded(body)} if isinstance(body, Mapping) else room
