"""Config to config: add, change, remove, default endpoint. Pure: the time is passed in.

Data comes as a dict in camelCase or snake_case, or as a model. Changes are merge patches
(RFC 7386): objects are merged, null takes a value back to its default, lists are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ccw.config.models import (
    CustomEndpoint,
    GlobalCacheSettings,
    Item,
    LiteLLMApiConfig,
    ProviderCredential,
    Value,
    by_id,
)
from ccw.config.validation import parse
from ccw.config.views import restored, written
from ccw.errors import AlreadyExists, InvalidValue, NotFound

Data = Mapping[str, Any] | Value
_FIXED = ("id", "createdAt", "updatedAt")  # never taken from an update


def timestamp(now: datetime) -> str:
    """Return *now*, an aware UTC time, as `2025-01-01T00:00:00.000Z`."""
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def find_provider(config: LiteLLMApiConfig, provider_id: str) -> ProviderCredential:
    """Return the provider with that id; NotFound without one."""
    return _find(config.providers, provider_id, "Provider")


def find_endpoint(config: LiteLLMApiConfig, endpoint_id: str) -> CustomEndpoint:
    """Return the endpoint with that id; NotFound without one."""
    return _find(config.endpoints, endpoint_id, "Endpoint")


def add_provider(
    config: LiteLLMApiConfig, data: Data, now: datetime
) -> tuple[LiteLLMApiConfig, ProviderCredential]:
    """Return *config* with a new provider, and that provider; an `id` given is kept."""
    given = _merge({}, restored(_camel(ProviderCredential, data), {}))
    taken = {provider.id for provider in config.providers}
    given = {"apiKey": "", "enabled": True, **given, **_stamps(now)}
    given["id"] = given.get("id") or _fresh_id(given.get("type"), taken, now)
    given.setdefault("name", given.get("type"))
    provider = parse(ProviderCredential, given, _invalid("provider"))
    if provider.id in taken:
        raise AlreadyExists(f"Provider ID already exists: {provider.id}")
    return _with(config, providers=(*config.providers, provider)), provider


def update_provider(
    config: LiteLLMApiConfig, provider_id: str, patch: Data, now: datetime
) -> tuple[LiteLLMApiConfig, ProviderCredential]:
    """Return *config* with the provider changed, and the changed provider."""
    old = find_provider(config, provider_id)
    new = _patched(old, patch, now)
    return _with(config, providers=_replaced(config.providers, old, new)), new


def remove_provider(
    config: LiteLLMApiConfig, provider_id: str
) -> tuple[LiteLLMApiConfig, tuple[str, ...]]:
    """Return *config* without the provider and its endpoints, and the ids of the latter."""
    provider = find_provider(config, provider_id)
    gone = tuple(e.id for e in config.endpoints if e.provider_id == provider_id)
    kept = tuple(p for p in config.providers if p is not provider)
    return _without_endpoints(_with(config, providers=kept), gone), gone


def add_endpoint(
    config: LiteLLMApiConfig, data: Data, now: datetime
) -> tuple[LiteLLMApiConfig, CustomEndpoint]:
    """Return *config* with a new endpoint, and that endpoint; the first for chat is the default."""
    given = _merge({}, restored(_camel(CustomEndpoint, data), {}))
    given = {"enabled": True, **given, **_stamps(now)}
    given.setdefault("name", given.get("id"))
    endpoint = parse(CustomEndpoint, given, _invalid("endpoint"))
    if any(e.id == endpoint.id for e in config.endpoints):
        raise AlreadyExists(f"Endpoint ID already exists: {endpoint.id}")
    _require_provider(config, endpoint)
    return _settled(_with(config, endpoints=(*config.endpoints, endpoint)), config), endpoint


def update_endpoint(
    config: LiteLLMApiConfig, endpoint_id: str, patch: Data, now: datetime
) -> tuple[LiteLLMApiConfig, CustomEndpoint]:
    """Return *config* with the endpoint changed, and the changed endpoint."""
    old = find_endpoint(config, endpoint_id)
    new = _patched(old, patch, now)
    if new.provider_id != old.provider_id:
        _require_provider(config, new)
    changed = _with(config, endpoints=_replaced(config.endpoints, old, new))
    return _settled(changed, config), new


def remove_endpoint(config: LiteLLMApiConfig, endpoint_id: str) -> LiteLLMApiConfig:
    """Return *config* without the endpoint, also not among the fallbacks of others."""
    find_endpoint(config, endpoint_id)
    return _without_endpoints(config, (endpoint_id,))


def set_default_endpoint(config: LiteLLMApiConfig, endpoint_id: str | None) -> LiteLLMApiConfig:
    """Return *config* with that default, or with none; it has to be enabled and for chat."""
    if endpoint_id is not None:
        endpoint = find_endpoint(config, endpoint_id)
        if not _usable(endpoint):
            why = "disabled" if not endpoint.enabled else f"for {endpoint.purpose}, not for chat"
            raise InvalidValue(f"endpoint {endpoint_id} is {why}: it cannot be the default")
    return _with(config, default_endpoint=endpoint_id)


def update_cache_settings(config: LiteLLMApiConfig, patch: Data) -> LiteLLMApiConfig:
    """Return *config* with its `globalCacheSettings` changed."""
    old = config.global_cache_settings
    merged = _merge(written(old), _camel(GlobalCacheSettings, patch))
    settings = parse(GlobalCacheSettings, merged, _invalid("globalCacheSettings"))
    return _with(config, global_cache_settings=settings)


def _find(items: Iterable[Item], item_id: str, what: str) -> Item:
    found = by_id(items, item_id)
    if found is None:
        raise NotFound(f"{what} not found: {item_id}")
    return found


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


def _patched(old: Item, patch: Data, now: datetime) -> Item:
    model = type(old)
    changes = _camel(model, patch)
    if changes.get("id", old.id) != old.id:
        raise InvalidValue(f"id: {old.id} cannot be changed; add a new one and remove this one")
    changes = {key: value for key, value in changes.items() if key not in _FIXED}
    before = written(old)
    merged = _merge(before, restored(changes, before))
    merged["updatedAt"] = timestamp(now)
    return parse(model, merged, _invalid(old.id))


def _merge(old: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def _camel(model: type[Value], data: Data) -> dict[str, Any]:
    """Return *data* with the names of the model's fields in camelCase; other keys stay."""
    if isinstance(data, Value):
        return written(data)
    if not isinstance(data, Mapping):
        raise InvalidValue(f"expected an object, got {type(data).__name__}")
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    result = {aliases.get(key, key): value for key, value in data.items()}
    for name, field in model.model_fields.items():
        inner, value = field.annotation, result.get(aliases[name])
        if not (isinstance(inner, type) and issubclass(inner, Value)):
            continue
        if isinstance(value, Mapping | Value):
            result[aliases[name]] = _camel(inner, value)
    return result


def _invalid(what: str) -> Any:
    return lambda problems: InvalidValue(f"{what}: {problems}")


def _require_provider(config: LiteLLMApiConfig, endpoint: CustomEndpoint) -> None:
    if any(p.id == endpoint.provider_id for p in config.providers):
        return
    known = ", ".join(p.id for p in config.providers) or "none yet; see ccw provider add --help"
    raise InvalidValue(f"Provider not found: {endpoint.provider_id} (configured: {known})")


def _usable(endpoint: CustomEndpoint) -> bool:
    return endpoint.enabled and endpoint.purpose == "chat"


def _without_endpoints(config: LiteLLMApiConfig, gone: tuple[str, ...]) -> LiteLLMApiConfig:
    kept = tuple(_without_fallbacks(e, gone) for e in config.endpoints if e.id not in gone)
    return _settled(_with(config, endpoints=kept), config)


def _without_fallbacks(endpoint: CustomEndpoint, gone: tuple[str, ...]) -> CustomEndpoint:
    kept = tuple(name for name in endpoint.fallbacks if name not in gone)
    if kept == endpoint.fallbacks:
        return endpoint
    return endpoint.model_copy(update={"fallbacks": kept})


def _settled(config: LiteLLMApiConfig, before: LiteLLMApiConfig) -> LiteLLMApiConfig:
    """Move a default that cannot be used any more to the next endpoint that can.

    A default that the user has cleared stays cleared while there was something to choose from.
    """
    usable = [e.id for e in config.endpoints if _usable(e)]
    if config.default_endpoint in usable:
        return config
    if config.default_endpoint is None and any(_usable(e) for e in before.endpoints):
        return config
    order = [e.id for e in before.endpoints]
    start = order.index(config.default_endpoint) if config.default_endpoint in order else 0
    following = [*order[start:], *order[:start], *usable]
    chosen = next((name for name in following if name in usable), None)
    return _with(config, default_endpoint=chosen)
