"""What a call asks of the provider's cache: where endpoint, packed files and routes meet."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.llm.marks import NOTHING, Caching, RouteCache, cache_key, caching, route_cache

if TYPE_CHECKING:
    from ccw.config.models import CustomEndpoint, ProviderCredential
    from ccw.context.patterns import Pattern
    from ccw.context.session import PackedContext
    from ccw.execution.targets import Target


def row_of(target: Target) -> RouteCache:
    """Return how calls to *target* meet the provider's cache."""
    return route_cache(target.provider.type, target.model.partition("/")[2])


def caching_of(
    provider: ProviderCredential,
    endpoint: CustomEndpoint,
    model: str,
    packed: PackedContext | None,
    key: str,
) -> Caching:
    """Return what a call of *endpoint* asks for; *model* as litellm names it.

    *key* is what calls with the same prefix share; without packed files there is no prefix.
    """
    if packed is None:
        return NOTHING
    return caching(
        provider.type,
        model.partition("/")[2],
        said=provider.advanced_settings.cache_marks,
        provider_cache=endpoint.cache_strategy.provider_cache,
        marks=packed.marks,
        cuts=packed.cuts,
        key=key,
    )


def prefix_key(
    project: Path, cwd: str | os.PathLike[str] | None, patterns: Iterable[Pattern]
) -> str:
    """Return what calls about the same *patterns* share, whatever they ask."""
    start = project if cwd is None else Path(cwd).absolute()
    return cache_key(str(project), str(start), *(pattern.token for pattern in patterns))
