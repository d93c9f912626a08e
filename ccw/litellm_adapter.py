"""The project's LiteLLM gateway: is there one, where is it, which models has it.

It is the gateway that LITELLM_ENABLED, LITELLM_BASE_URL and LITELLM_API_KEY name (environment or
`.env`), or the configured provider `litellm`, else the first enabled one of that type. These entry
points read the environment, the working directory and the clock where no others are given.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ccw.config.places import find_project
from ccw.gateways.kept import forget, kept_path
from ccw.gateways.litellm import litellm_provider
from ccw.gateways.models import BaseDir, Clock, list_models
from ccw.gateways.providers import World, keys_of, route_to, world_of
from ccw.llm.gateway.details import ModelDetails

Environ = Mapping[str, str] | None  # None: the environment of the process


@dataclass(frozen=True, slots=True)
class LiteLLMConfig:
    """Where the gateway is, and the key for it ("" for none), which no repr shows."""

    base_url: str
    api_key: str = field(default="", repr=False)


def is_configured(base_dir: BaseDir | None = None, environ: Environ = None) -> bool:
    """Tell whether the project has a LiteLLM gateway that may be used."""
    return litellm_provider(_world(base_dir, environ)) is not None


def get_config(base_dir: BaseDir | None = None, environ: Environ = None) -> LiteLLMConfig | None:
    """Return address and key of the gateway, None without one; CcwErrors say what is missing."""
    world = _world(base_dir, environ)
    provider = litellm_provider(world)
    if provider is None:
        return None
    keys, _ = keys_of(provider, world)
    route = route_to(provider, keys[0], world)
    return LiteLLMConfig(route.api_base or "", route.api_key or "")


def fetch_models(
    base_dir: BaseDir | None = None,
    environ: Environ = None,
    *,
    refresh: bool = False,
    clock: Clock = time.time,
) -> list[ModelDetails]:
    """Return the gateway's models, kept for 5 minutes; [] without a gateway.

    When it does not answer these are the last known ones; without any its error is raised.
    """
    world = _world(base_dir, environ)
    provider = litellm_provider(world)
    if provider is None:
        return []
    listed = list_models(
        world.project, provider.id, refresh=refresh, environ=_environ(environ), clock=clock
    )
    if listed.failure is not None and not listed.models:
        raise listed.failure
    return list(listed.models)


def clear_cache(base_dir: BaseDir | None = None, environ: Environ = None) -> None:
    """Forget the kept models of the gateway, so that the next call asks it."""
    world = _world(base_dir, environ)
    provider = litellm_provider(world)
    if provider is not None:
        forget(kept_path(provider, world))


def _world(base_dir: BaseDir | None, environ: Environ) -> World:
    values = _environ(environ)
    project = find_project(Path.cwd(), values) if base_dir is None else Path(base_dir)
    return world_of(project, values)


def _environ(environ: Environ) -> Mapping[str, str]:
    return os.environ if environ is None else environ
