"""Which gateway answers at an address, as far as it says so itself; whoever else is nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccw.config.provider_types import provider_type
from ccw.llm.call.request import Route
from ccw.llm.gateway.failures import Failure
from ccw.llm.gateway.listing import fetch_models
from ccw.llm.gateway.talk import Answer, begin, run

TIMEOUT = 1.0  # seconds; who is looked for at a usual place is near
_OPENAI = provider_type("custom")


def is_litellm(base: str, timeout: float = TIMEOUT) -> bool:
    """Tell whether a LiteLLM proxy answers at *base*; no key is needed for that."""
    answer = _ask(base, "/health/liveliness", timeout)
    return isinstance(answer, str) and "alive" in answer


def is_ollama(base: str, timeout: float = TIMEOUT) -> bool:
    """Tell whether Ollama answers at *base*."""
    answer = _ask(base, "/api/version", timeout)
    return isinstance(answer, Mapping) and isinstance(answer.get("version"), str)


def model_ids(base: str, api_key: str = "", timeout: float = TIMEOUT) -> tuple[str, ...]:
    """Return the ids that `/v1/models` at *base* lists; empty when it does not tell."""
    route = _route(base, api_key)
    found = run(lambda: fetch_models(route, _OPENAI, timeout=timeout))
    return () if isinstance(found, Failure) else tuple(m.id for m in found.listing.models)


def _ask(base: str, path: str, timeout: float) -> Any:
    """Return the JSON of a 200 answer, None for anything else."""

    async def question() -> Any:
        answer = await begin(_route(base), timeout=timeout).get(f"{base}{path}")
        return answer.data if isinstance(answer, Answer) else None

    return run(question)


def _route(base: str, api_key: str = "") -> Route:
    return Route(model="", provider_name="gateway", api_key=api_key or None, api_base=base)
