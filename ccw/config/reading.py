"""The public functions that read what holds in a project: its own file over the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from ccw.config import layers
from ccw.config.models import (
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
    ProviderCredential,
    by_id,
)
from ccw.config.references import project_environ, substitute
from ccw.config.resolve import available_key

BaseDir = str | os.PathLike[str]
Environ = Mapping[str, str] | None  # None: the environment of the process


class ResolvedProviderCredential(ProviderCredential, defer_build=True):
    """A provider with the value of its key, which no repr and no dump shows."""

    resolved_api_key: str = Field(default="", repr=False, exclude=True)


def resolve_env_var(value: str, environ: Environ = None) -> str:
    """Return *value* with its `${NAME}` references filled; an unset variable becomes ""."""
    return substitute(value, real_environ(environ))


def load_config(base_dir: BaseDir, *, environ: Environ = None) -> LiteLLMApiConfig:
    """Return the configuration that holds in the project; without any file the defaults."""
    return layers.load_config(Path(base_dir), real_environ(environ))


def get_all_providers(base_dir: BaseDir, *, environ: Environ = None) -> list[ProviderCredential]:
    """Return the configured providers, keys as written."""
    return list(load_config(base_dir, environ=environ).providers)


def get_provider(
    base_dir: BaseDir, provider_id: str, *, environ: Environ = None
) -> ProviderCredential | None:
    """Return one provider, or None."""
    return by_id(load_config(base_dir, environ=environ).providers, provider_id)


def get_provider_with_resolved_env_vars(
    base_dir: BaseDir, provider_id: str, *, environ: Environ = None
) -> ResolvedProviderCredential | None:
    """Return one provider with `resolved_api_key` ("" when it is not set), or None."""
    provider = get_provider(base_dir, provider_id, environ=environ)
    if provider is None:
        return None
    key = available_key(provider, project_environ(Path(base_dir), real_environ(environ)))
    return ResolvedProviderCredential.model_construct(**dict(provider), resolved_api_key=key)


def get_all_endpoints(base_dir: BaseDir, *, environ: Environ = None) -> list[CustomEndpoint]:
    """Return the configured endpoints."""
    return list(load_config(base_dir, environ=environ).endpoints)


def get_endpoint(
    base_dir: BaseDir, endpoint_id: str, *, environ: Environ = None
) -> CustomEndpoint | None:
    """Return one endpoint, or None."""
    return by_id(load_config(base_dir, environ=environ).endpoints, endpoint_id)


def find_endpoint_by_id(
    base_dir: BaseDir, endpoint_id: str, *, environ: Environ = None
) -> CustomEndpoint | None:
    """Return one endpoint, or None; another name of `get_endpoint`."""
    return get_endpoint(base_dir, endpoint_id, environ=environ)


def get_default_endpoint(base_dir: BaseDir, *, environ: Environ = None) -> str | None:
    """Return the id of the default endpoint, or None."""
    return load_config(base_dir, environ=environ).default_endpoint


def get_global_cache_settings(base_dir: BaseDir, *, environ: Environ = None) -> GlobalCacheSettings:
    """Return the settings of the context cache."""
    return load_config(base_dir, environ=environ).global_cache_settings


def real_environ(environ: Environ) -> Mapping[str, str]:
    """Return *environ*, for None that of the process."""
    return os.environ if environ is None else environ
