"""Why a fallback of an endpoint would never be asked, or asked in vain."""

from __future__ import annotations

from collections.abc import Iterator

from ccw.config.lookup import closest
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, by_id


def fallback_problems(
    endpoint: CustomEndpoint, config: LiteLLMApiConfig
) -> Iterator[tuple[int, str]]:
    """Yield the place in `fallbacks` and what is wrong there; *config* is all that holds."""
    for position, name in enumerate(endpoint.fallbacks):
        problem = _problem(endpoint, name, config)
        if problem is None and name in endpoint.fallbacks[:position]:
            problem = f"{name} is there twice"
        if problem is not None:
            yield position, problem


def _problem(endpoint: CustomEndpoint, name: str, config: LiteLLMApiConfig) -> str | None:
    fallback = by_id(config.endpoints, name)
    if fallback is None:
        near = closest(name, [e.id for e in config.endpoints])
        return f"Endpoint not found: {name}" + (f"; did you mean {near}?" if near else "")
    if name == endpoint.id:
        return f"{name} is the endpoint itself"
    if fallback.purpose != "chat":
        return f"{name} is for {fallback.purpose}, not for chat"
    provider = by_id(config.providers, fallback.provider_id)
    if not fallback.enabled or (provider is not None and not provider.enabled):
        return f"{name} is disabled, or its provider is"
    return None


def cycle_through(endpoint: CustomEndpoint, config: LiteLLMApiConfig) -> str | None:
    """Return the first fallback that leads back to *endpoint*, directly or through others."""
    for name in endpoint.fallbacks:
        if name != endpoint.id and endpoint.id in _reachable(name, config):
            return name
    return None


def _reachable(name: str, config: LiteLLMApiConfig) -> set[str]:
    fallbacks = {e.id: e.fallbacks for e in config.endpoints}
    seen: set[str] = set()
    waiting = list(fallbacks.get(name, ()))
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += fallbacks.get(current, ())
    return seen
