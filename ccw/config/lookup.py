"""Providers and endpoints by id; for one that is missing, what could have been meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from ccw.config.models import (
    CustomEndpoint,
    Item,
    LiteLLMApiConfig,
    ProviderCredential,
    by_id,
)
from ccw.errors import NotFound


@dataclass(frozen=True, slots=True)
class Other:
    """The file that is not being changed: the user's own below a project's, or that project's.

    `made` gives the ids of providers that no file has and the environment makes.
    """

    config: LiteLLMApiConfig
    is_below: bool = True
    made: Callable[[], Collection[str]] = tuple

    @property
    def hint(self) -> str:
        """Where something is that only this one has, and how to reach it."""
        if self.is_below:
            return "it is in the user's own configuration; to change it there, add --user"
        return "only this project has it; leave --user out"

    @property
    def usable(self) -> LiteLLMApiConfig:
        """What the file being changed may refer to: a project to the user's, never upwards."""
        return self.config if self.is_below else LiteLLMApiConfig()


ALONE = Other(LiteLLMApiConfig())


def find_provider(
    config: LiteLLMApiConfig, provider_id: str, other: Other = ALONE
) -> ProviderCredential:
    """Return the provider with that id; NotFound without one."""
    found = by_id(config.providers, provider_id)
    return found or _missing(
        "Provider", provider_id, config.providers, other.config.providers, other
    )


def find_endpoint(
    config: LiteLLMApiConfig, endpoint_id: str, other: Other = ALONE
) -> CustomEndpoint:
    """Return the endpoint with that id; NotFound without one."""
    found = by_id(config.endpoints, endpoint_id)
    return found or _missing(
        "Endpoint", endpoint_id, config.endpoints, other.config.endpoints, other
    )


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of *known* that *name* is most likely a slip of, or None."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1)), None)


def _missing(
    what: str, item_id: str, items: Iterable[Item], others: Iterable[Item], other: Other
) -> Item:
    if by_id(others, item_id):
        raise NotFound(f"{what} not found: {item_id} ({other.hint})")
    near = closest(item_id, [item.id for item in (*items, *others)])
    hint = f"; did you mean {near}?" if near else ""
    raise NotFound(f"{what} not found: {item_id}{hint}")
