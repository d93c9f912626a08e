"""Config to config: add, change, remove, default endpoint. Pure: the time is passed in.

Data comes as a dict in camelCase or snake_case, or as a model. Changes are merge patches
(RFC 7386): objects are merged, null takes a value back to its default, lists are replaced.
`other` is the file beside the one that is changed: a project may refer to what the user's own has.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ccw.config.lookup import ALONE, Other
from ccw.config.lookup import find_endpoint as find_endpoint
from ccw.config.lookup import find_provider as find_provider
from ccw.config.models import (
    CustomEndpoint,
    Item,
    LiteLLMApiConfig,
    ProviderCredential,
    by_id,
)
from ccw.config.needed_base import missing_base
from ccw.config.patches import Data as Data
from ccw.config.patches import Patch as Patch
from ccw.config.patches import camel_data, invalid, patched, patched_settings
from ccw.config.validation import parse
from ccw.errors import AlreadyExists, InvalidValue
from ccw.moments import timestamp


def add_provider(
    config: LiteLLMApiConfig, data: Data, now: datetime
) -> tuple[LiteLLMApiConfig, ProviderCredential]:
    """Return *config* with a new provider, and that provider; an `id` given is kept."""
    given = camel_data(ProviderCredential, data)
    taken = {provider.id for provider in config.providers}
    given = {"apiKey": "", "enabled": True, **given, **_stamps(now)}
    given["id"] = given.get("id") or _fresh_id(given.get("type"), taken, now)
    given.setdefault("name", given.get("type"))
    provider = parse(ProviderCredential, given, invalid("provider"))
    if provider.id in taken:
        raise AlreadyExists(f"Provider ID already exists: {provider.id}")
    _refuse_uncallable(provider)
    return _with(config, providers=(*config.providers, provider)), provider


def update_provider(
    config: LiteLLMApiConfig,
    provider_id: str,
    patch: Patch,
    now: datetime,
    other: Other = ALONE,
) -> tuple[LiteLLMApiConfig, ProviderCredential]:
    """Return *config* with the provider changed, and the changed provider."""
    old = find_provider(config, provider_id, other)
    new = patched(old, patch, now)
    missing = missing_base(new)
    if missing and not missing_base(old):
        raise InvalidValue(f"{new.id}: apiBase: {missing}")
    _refuse_uncallable(new, old)
    return _with(config, providers=_replaced(config.providers, old, new)), new


def remove_provider(
    config: LiteLLMApiConfig, provider_id: str, other: Other = ALONE
) -> tuple[LiteLLMApiConfig, tuple[str, ...]]:
    """Return *config* without the provider and its endpoints, and the ids of the latter."""
    provider = find_provider(config, provider_id, other)
    gone = tuple(e.id for e in config.endpoints if e.provider_id == provider_id)
    kept = tuple(p for p in config.providers if p is not provider)
    return _without_endpoints(_with(config, providers=kept), gone, other), gone


def add_endpoint(
    config: LiteLLMApiConfig, data: Data, now: datetime, other: Other = ALONE
) -> tuple[LiteLLMApiConfig, CustomEndpoint]:
    """Return *config* with a new endpoint, and that endpoint; the first for chat is the default."""
    given = camel_data(CustomEndpoint, data)
    given = {"enabled": True, **given, **_stamps(now)}
    given.setdefault("name", given.get("id"))
    endpoint = parse(CustomEndpoint, given, invalid("endpoint"))
    if any(e.id == endpoint.id for e in config.endpoints):
        raise AlreadyExists(f"Endpoint ID already exists: {endpoint.id}")
    _require_provider(config, endpoint, other)
    _refuse_itself(endpoint)
    _refuse_uncallable(endpoint)
    changed = _with(config, endpoints=(*config.endpoints, endpoint))
    return _settled(changed, config, other), endpoint


def update_endpoint(
    config: LiteLLMApiConfig,
    endpoint_id: str,
    patch: Patch,
    now: datetime,
    other: Other = ALONE,
) -> tuple[LiteLLMApiConfig, CustomEndpoint]:
    """Return *config* with the endpoint changed, and the changed endpoint."""
    old = find_endpoint(config, endpoint_id, other)
    new = patched(old, patch, now)
    if new.provider_id != old.provider_id:
        _require_provider(config, new, other)
    if new.id not in old.fallbacks:
        _refuse_itself(new)
    _refuse_uncallable(new, old)
    changed = _with(config, endpoints=_replaced(config.endpoints, old, new))
    return _settled(changed, config, other), new


def remove_endpoint(
    config: LiteLLMApiConfig, endpoint_id: str, other: Other = ALONE
) -> LiteLLMApiConfig:
    """Return *config* without the endpoint, also not among the fallbacks of others."""
    find_endpoint(config, endpoint_id, other)
    return _without_endpoints(config, (endpoint_id,), other)


def set_default_endpoint(
    config: LiteLLMApiConfig, endpoint_id: str | None, other: Other = ALONE
) -> LiteLLMApiConfig:
    """Return *config* with that default, or with none; it has to be enabled and for chat."""
    if endpoint_id is not None:
        endpoint = _own_or_below(config, endpoint_id, other)
        if not _usable(endpoint):
            why = "disabled" if not endpoint.enabled else f"for {endpoint.purpose}, not for chat"
            raise InvalidValue(f"endpoint {endpoint_id} is {why}: it cannot be the default")
    return _with(config, default_endpoint=endpoint_id)


def update_cache_settings(config: LiteLLMApiConfig, patch: Data) -> LiteLLMApiConfig:
    """Return *config* with its `globalCacheSettings` changed."""
    settings = patched_settings(config.global_cache_settings, patch)
    return _with(config, global_cache_settings=settings)


def _with(config: LiteLLMApiConfig, **fields: Any) -> LiteLLMApiConfig:
    return config.model_copy(update=fields)


def _replaced(items: tuple[Item, ...], old: Item, new: Item) -> tuple[Item, ...]:
    return tuple(new if item is old else item for item in items)


def _stamps(now: datetime) -> dict[str, str]:
    return {"createdAt": timestamp(now), "updatedAt": timestamp(now)}


def _fresh_id(kind: object, taken: set[str], now: datetime) -> str:
    """Return `<type>-<epoch ms>`, later by as many ms as it takes to be unique."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", str(kind or "provider")).strip("-._")[:48]
    number = int(now.timestamp() * 1000)
    while f"{stem or 'provider'}-{number}" in taken:
        number += 1
    return f"{stem or 'provider'}-{number}"


def _require_provider(config: LiteLLMApiConfig, endpoint: CustomEndpoint, other: Other) -> None:
    ids = dict.fromkeys(p.id for p in (*config.providers, *other.usable.providers))
    if endpoint.provider_id in ids or endpoint.provider_id in other.made():
        return
    if by_id(other.config.providers, endpoint.provider_id):
        raise InvalidValue(f"Provider not found: {endpoint.provider_id} ({other.hint})")
    known = ", ".join(ids) or "none yet; see ccw provider add --help"
    raise InvalidValue(f"Provider not found: {endpoint.provider_id} (configured: {known})")


def _refuse_uncallable(new: Item, old: Item | None = None) -> None:
    from ccw.config import uncallable  # a change alone needs it

    if isinstance(new, CustomEndpoint):
        uncallable.refuse_endpoint(new, old)
    else:
        uncallable.refuse_provider(new, old)


def _refuse_itself(endpoint: CustomEndpoint) -> None:
    if endpoint.id in endpoint.fallbacks:
        raise InvalidValue(
            f"{endpoint.id}: fallbacks: an endpoint cannot stand in for itself; name another one"
        )


def _own_or_below(config: LiteLLMApiConfig, endpoint_id: str, other: Other) -> CustomEndpoint:
    if by_id(config.endpoints, endpoint_id) is None:
        below = by_id(other.usable.endpoints, endpoint_id)
        if below is not None:
            return below
    return find_endpoint(config, endpoint_id, other)


def _usable(endpoint: CustomEndpoint) -> bool:
    return endpoint.enabled and endpoint.purpose == "chat"


def _without_endpoints(
    config: LiteLLMApiConfig, gone: tuple[str, ...], other: Other
) -> LiteLLMApiConfig:
    kept = tuple(_without_fallbacks(e, gone) for e in config.endpoints if e.id not in gone)
    return _settled(_with(config, endpoints=kept), config, other)


def _is_below(config: LiteLLMApiConfig, other: Other) -> bool:
    """Tell whether the default is the user's own endpoint, which no copy here hides."""
    below = by_id(other.usable.endpoints, config.default_endpoint)
    hidden = by_id(config.endpoints, config.default_endpoint)
    return below is not None and hidden is None and _usable(below)


def _without_fallbacks(endpoint: CustomEndpoint, gone: tuple[str, ...]) -> CustomEndpoint:
    kept = tuple(name for name in endpoint.fallbacks if name not in gone)
    if kept == endpoint.fallbacks:
        return endpoint
    return endpoint.model_copy(update={"fallbacks": kept})


def _settled(config: LiteLLMApiConfig, before: LiteLLMApiConfig, other: Other) -> LiteLLMApiConfig:
    """Move a default that cannot be used any more to the next endpoint that can.

    A default that the user has cleared stays cleared while there was something to choose from.
    """
    current = by_id(config.endpoints, config.default_endpoint)
    if (current and _usable(current)) or _is_below(config, other):
        return config
    usable = [e.id for e in config.endpoints if _usable(e)]
    if config.default_endpoint is None and any(_usable(e) for e in before.endpoints):
        return config
    order = [e.id for e in before.endpoints]
    start = order.index(config.default_endpoint) if config.default_endpoint in order else 0
    following = [*order[start:], *order[:start], *usable]
    chosen = next((name for name in following if name in usable), None)
    return _with(config, default_endpoint=chosen)
