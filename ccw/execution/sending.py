"""From a plan to the request that the model's side takes: route, parameters, timeouts."""

from __future__ import annotations

from typing import Any

from ccw.config.resolve import ResolvedProvider
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.planning import Plan, Target
from ccw.execution.question import wire_names
from ccw.llm.client import Request, Route, Timeouts

DEFAULT_RETRIES = 2


def request_of(plan: Plan, options: LiteLLMExecutionOptions, route: Route) -> Request:
    """Return the call of *plan* over *route*."""
    timeouts, retries = bounds_of(plan, options)
    return Request(
        route=route,
        messages=plan.messages(),
        params=_params(plan),
        stream=options.on_output is not None if options.stream is None else options.stream,
        timeouts=timeouts,
        max_retries=retries,
    )


def bounds_of(plan: Plan, options: LiteLLMExecutionOptions) -> tuple[Timeouts, int]:
    """Return how long the call of *plan* may take, and how often it may be tried again."""
    advanced = plan.target.provider.advanced_settings
    retries = (options.max_retries, advanced.max_retries, DEFAULT_RETRIES)
    return (
        Timeouts(total=options.timeout or advanced.timeout),
        next(number for number in retries if number is not None),
    )


def route_of(target: Target, resolved: ResolvedProvider) -> Route:
    """Return where a call to *target* goes, with the key for it."""
    advanced = target.provider.advanced_settings
    return Route(
        model=target.model,
        provider_name=target.provider.name,
        api_key=resolved.api_key,
        api_base=resolved.api_base,
        api_version=advanced.api_version,
        organization=advanced.organization,
        headers=resolved.headers,
        proxy=resolved.proxy,
    )


def _params(plan: Plan) -> dict[str, Any]:
    """The endpoint's own word counts, also about the key of the provider's cache."""
    key = plan.caching.key
    own = wire_names(plan.target.endpoint.params)
    return own if key is None else {"prompt_cache_key": key, **own}
