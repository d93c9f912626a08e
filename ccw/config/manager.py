"""The public functions around a project's configuration: load, edit, save.

`base_dir` is the project folder. Data comes as a dict in camelCase or snake_case, or as a model.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from ccw.config import edit, store
from ccw.config.edit import Data
from ccw.config.models import (
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
    ProviderCredential,
    by_id,
)
from ccw.config.references import project_environ, substitute
from ccw.config.resolve import available_key
from ccw.errors import NotFound

BaseDir = str | os.PathLike[str]
Clock = Callable[[], datetime]


class ResolvedProviderCredential(ProviderCredential, defer_build=True):
    """A provider with the value of its key, which no repr and no dump shows."""

    resolved_api_key: str = Field(default="", repr=False, exclude=True)


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def resolve_env_var(value: str, environ: Mapping[str, str] | None = None) -> str:
    """Return *value* with its `${NAME}` references filled; an unset variable becomes ""."""
    return substitute(value, os.environ if environ is None else environ)


def load_config(base_dir: BaseDir) -> LiteLLMApiConfig:
    """Return the whole configuration; without a file the defaults."""
    return store.load(Path(base_dir))


def update_config(base_dir: BaseDir, change: store.Edit[store.Result]) -> store.Result:
    """Apply *change* to the whole configuration and save it; return its second result.

    Every change comes through here. It is done under a lock, so that no other is lost.
    """
    return store.update(Path(base_dir), change)


def get_all_providers(base_dir: BaseDir) -> list[ProviderCredential]:
    """Return the configured providers, keys as written."""
    return list(load_config(base_dir).providers)


def get_provider(base_dir: BaseDir, provider_id: str) -> ProviderCredential | None:
    """Return one provider, or None."""
    return by_id(load_config(base_dir).providers, provider_id)


def get_provider_with_resolved_env_vars(
    base_dir: BaseDir, provider_id: str, *, environ: Mapping[str, str] | None = None
) -> ResolvedProviderCredential | None:
    """Return one provider with `resolved_api_key` ("" when it is not set), or None."""
    provider = get_provider(base_dir, provider_id)
    if provider is None:
        return None
    values = project_environ(Path(base_dir), os.environ if environ is None else environ)
    key = available_key(provider, values)
    return ResolvedProviderCredential.model_construct(**dict(provider), resolved_api_key=key)


def add_provider(base_dir: BaseDir, data: Data, *, clock: Clock = utc_now) -> ProviderCredential:
    """Add a provider and return it; its id is made from type and time unless given."""
    return update_config(base_dir, lambda config: edit.add_provider(config, data, clock()))


def update_provider(
    base_dir: BaseDir, provider_id: str, updates: Data, *, clock: Clock = utc_now
) -> ProviderCredential:
    """Apply a merge patch to a provider and return it; NotFound without one."""
    return update_config(
        base_dir, lambda config: edit.update_provider(config, provider_id, updates, clock())
    )


def remove_provider(base_dir: BaseDir, provider_id: str) -> tuple[str, ...]:
    """Remove a provider with its endpoints, return the ids of these; NotFound without one."""
    return update_config(base_dir, lambda config: edit.remove_provider(config, provider_id))


def delete_provider(base_dir: BaseDir, provider_id: str) -> bool:
    """Remove a provider with its endpoints; False when there is none with that id."""
    try:
        remove_provider(base_dir, provider_id)
    except NotFound:
        return False
    return True


def get_all_endpoints(base_dir: BaseDir) -> list[CustomEndpoint]:
    """Return the configured endpoints."""
    return list(load_config(base_dir).endpoints)


def get_endpoint(base_dir: BaseDir, endpoint_id: str) -> CustomEndpoint | None:
    """Return one endpoint, or None."""
    return by_id(load_config(base_dir).endpoints, endpoint_id)


def find_endpoint_by_id(base_dir: BaseDir, endpoint_id: str) -> CustomEndpoint | None:
    """Return one endpoint, or None; another name of `get_endpoint`."""
    return get_endpoint(base_dir, endpoint_id)


def add_endpoint(base_dir: BaseDir, data: Data, *, clock: Clock = utc_now) -> CustomEndpoint:
    """Add an endpoint and return it; the first one for chat becomes the default."""
    return update_config(base_dir, lambda config: edit.add_endpoint(config, data, clock()))


def update_endpoint(
    base_dir: BaseDir, endpoint_id: str, updates: Data, *, clock: Clock = utc_now
) -> CustomEndpoint:
    """Apply a merge patch to an endpoint and return it; NotFound without one."""
    return update_config(
        base_dir, lambda config: edit.update_endpoint(config, endpoint_id, updates, clock())
    )


def remove_endpoint(base_dir: BaseDir, endpoint_id: str) -> str | None:
    """Remove an endpoint, return the default endpoint after it; NotFound without one."""

    def change(config: LiteLLMApiConfig) -> tuple[LiteLLMApiConfig, str | None]:
        changed = edit.remove_endpoint(config, endpoint_id)
        return changed, changed.default_endpoint

    return update_config(base_dir, change)


def delete_endpoint(base_dir: BaseDir, endpoint_id: str) -> bool:
    """Remove an endpoint; False when there is none with that id."""
    try:
        remove_endpoint(base_dir, endpoint_id)
    except NotFound:
        return False
    return True


def get_default_endpoint(base_dir: BaseDir) -> str | None:
    """Return the id of the default endpoint, or None."""
    return load_config(base_dir).default_endpoint


def set_default_endpoint(base_dir: BaseDir, endpoint_id: str | None) -> None:
    """Make an enabled chat endpoint the default; None clears it."""
    update_config(base_dir, lambda config: (edit.set_default_endpoint(config, endpoint_id), None))


def get_global_cache_settings(base_dir: BaseDir) -> GlobalCacheSettings:
    """Return the settings of the context cache."""
    return load_config(base_dir).global_cache_settings


def update_global_cache_settings(base_dir: BaseDir, updates: Data) -> GlobalCacheSettings:
    """Apply a merge patch to the settings of the context cache and return them."""

    def change(config: LiteLLMApiConfig) -> tuple[LiteLLMApiConfig, GlobalCacheSettings]:
        changed = edit.update_cache_settings(config, updates)
        return changed, changed.global_cache_settings

    return update_config(base_dir, change)
