"""A provider as it is asked: what is configured, its keys filled in, its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ccw.config.edit import find_provider
from ccw.config.keys import ProviderKey, usable_keys
from ccw.config.layers import load_config
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.places import ccw_home
from ccw.config.references import project_environ
from ccw.config.resolve import resolve_provider
from ccw.config.selection import with_implicit
from ccw.errors import InvalidValue
from ccw.gateways.routing import route_of
from ccw.llm.call.request import Route


@dataclass(frozen=True, slots=True)
class World:
    """What holds in a project: its configuration, its environment, the user's own folder."""

    project: Path
    config: LiteLLMApiConfig
    environ: Mapping[str, str] = field(repr=False)
    home: Path


def world_of(project: Path, environ: Mapping[str, str]) -> World:
    """Return what holds in *project*; the provider that LITELLM_ENABLED makes included."""
    values = project_environ(project, environ)
    config = with_implicit(load_config(project, environ), values)
    return World(project, config, values, ccw_home(environ))


def provider_in(world: World, provider_id: str) -> ProviderCredential:
    """Return the provider with that id, which may be asked; NotFound, InvalidValue if disabled."""
    provider = find_provider(world.config, provider_id)
    if not provider.enabled:
        raise InvalidValue(
            f"provider {provider.id} is disabled; "
            f"enable it: ccw provider update {provider.id} --enable"
        )
    return provider


def keys_of(
    provider: ProviderCredential, world: World
) -> tuple[tuple[ProviderKey | None, ...], tuple[str, ...]]:
    """Return the keys of the provider's pool that are set, one None without a pool, and notes."""
    keys, notes = usable_keys(provider, world.environ)
    return keys or (None,), notes


def route_to(provider: ProviderCredential, key: ProviderKey | None, world: World) -> Route:
    """Return where the provider is asked with *key*, None: its own or the usual one.

    Everything that it refers to is filled in here, so CcwErrors name what is missing.
    """
    return route_of(resolve_provider(provider, world.environ, key), key)
