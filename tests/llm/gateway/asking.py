"""Ask a gateway as tests do: by its base, its type and a key."""

from __future__ import annotations

from ccw.config.provider_types import provider_type
from ccw.llm.call.request import Route
from ccw.llm.gateway.checking import Checked, check_gateway
from ccw.llm.gateway.failures import Failure
from ccw.llm.gateway.listing import Found, fetch_models
from ccw.llm.gateway.talk import run

KEY = "sk-canary-of-a-gateway-1234"


def route(base: str, key: str | None = KEY, **more: str) -> Route:
    return Route("", "Gate", api_key=key, api_base=base, **more)


def fetched(
    base: str, kind: str = "custom", key: str | None = KEY, timeout: float = 10.0
) -> Found | Failure:
    return run(lambda: fetch_models(route(base, key), provider_type(kind), timeout=timeout))


def checked(
    base: str, kind: str = "custom", key: str | None = KEY, timeout: float = 10.0
) -> Checked | Failure:
    return run(lambda: check_gateway(route(base, key), provider_type(kind), timeout=timeout))


def ids(found: Found | Failure) -> list[str]:
    """The ids of what was found; a failure fails the test with its words."""
    assert isinstance(found, Found), found
    return [model.id for model in found.listing.models]


def failed(outcome: object) -> Failure:
    """What went wrong; it tells no key."""
    assert isinstance(outcome, Failure), outcome
    assert KEY not in f"{outcome} {outcome.error!r} {outcome.error.__context__!r}"
    return outcome
