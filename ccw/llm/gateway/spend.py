"""What a LiteLLM proxy says a reply cost; it never raises and never takes long."""

from __future__ import annotations

from typing import Any

from ccw.llm.call.request import Route
from ccw.llm.gateway.addresses import root_of
from ccw.llm.gateway.failures import Failure
from ccw.llm.gateway.talk import Answer, Talk, begin, run, unsendable
from ccw.llm.usage import MOST_USD, Usage

TIMEOUT = 2.0  # seconds


def estimated_cost(
    route: Route, model: str, usage: Usage, *, timeout: float = TIMEOUT
) -> float | None:
    """Return the USD that the proxy of *route* computes for *usage* of *model*, None if it cannot.

    *model* is the proxy's own name for it. 0 counts as not known: a proxy says 0 for any model
    that it has no price of.
    """
    return run(lambda: aestimated_cost(route, model, usage, timeout=timeout))


async def aestimated_cost(
    route: Route, model: str, usage: Usage, *, timeout: float = TIMEOUT
) -> float | None:
    """Return the same as `estimated_cost`, awaited."""
    if not route.api_base or unsendable(route):
        return None
    talk, root = begin(route, timeout=timeout), root_of(route.api_base)
    answer = await talk.post(f"{root}/cost/estimate", _estimate(model, usage))
    if isinstance(answer, Answer):
        return _positive(answer.data, "cost_per_request")
    if answer.kind != "not_found" or "calculate cost" in answer.words:  # a model it cannot price
        return None
    return await _calculated(talk, f"{root}/spend/calculate", model, usage)


async def _calculated(talk: Talk, url: str, model: str, usage: Usage) -> float | None:
    """Ask an older proxy, which knows the price by litellm's map alone.

    It is given a reply, because for a model and messages it would leave out the output.
    """
    answer = await talk.post(url, {"completion_response": _reply(model, usage)})
    return None if isinstance(answer, Failure) else _positive(answer.data, "cost")


def _estimate(model: str, usage: Usage) -> dict[str, Any]:
    return {
        "model": model,
        "input_tokens": usage.total_input,
        "output_tokens": usage.output,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write_5m + usage.cache_write_1h,
    }


def _reply(model: str, usage: Usage) -> dict[str, Any]:
    return {
        "id": "spend",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [],
        "usage": {
            "prompt_tokens": usage.total_input,
            "completion_tokens": usage.output,
            "total_tokens": usage.total_input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cache_read},
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation_input_tokens": usage.cache_write_5m + usage.cache_write_1h,
        },
    }


def _positive(data: Any, name: str) -> float | None:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if 0 < value < MOST_USD else None
