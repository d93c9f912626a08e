"""From a plan to the request that the model's side takes: route, parameters, timeouts."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ccw.config.models import ProviderCredential
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.planning import Plan
from ccw.execution.question import wire_names
from ccw.llm.call.request import OnSend
from ccw.llm.client import Request, Route, Timeouts

DEFAULT_RETRIES = 2


def request_of(
    plan: Plan, options: LiteLLMExecutionOptions, route: Route, on_send: OnSend | None = None
) -> Request:
    """Return the call of *plan* over *route*; *on_send* is called before each try of it."""
    timeouts, retries = bounds_of(plan.target.provider, options)
    params = _params(plan)
    own = params.pop("stream", None)
    asked = (options.stream, own, options.on_output is not None)
    return Request(
        route=route,
        messages=plan.messages(),
        params=params,
        stream=next(stream for stream in asked if stream is not None),
        timeouts=timeouts,
        max_retries=retries,
        lifetime=plan.caching.lifetime,
        on_send=on_send,
    )


def bounds_of(
    provider: ProviderCredential, options: LiteLLMExecutionOptions
) -> tuple[Timeouts, int]:
    """Return how long an endpoint of *provider* may take, and how often it may be tried again."""
    advanced = provider.advanced_settings
    retries = (options.max_retries, advanced.max_retries, DEFAULT_RETRIES)
    return (
        Timeouts(total=options.timeout or advanced.timeout),
        next(number for number in retries if number is not None),
    )


def _params(plan: Plan) -> dict[str, Any]:
    """The endpoint's own word counts, also about the key of the provider's cache.

    Copies: litellm may write into what it is given, and the configuration outlives the call.
    """
    key = plan.caching.key
    params = plan.target.endpoint.params
    own = deepcopy(wire_names(params)) if params else {}
    return own if key is None else {"prompt_cache_key": key, **own}
