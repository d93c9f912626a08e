"""What a call asks of the provider's cache: where endpoint, packed files and routes meet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.llm.cacheable import minimum_cacheable
from ccw.llm.marks import NOTHING, Caching, cache_key, caching, lifetime_of
from ccw.llm.prefix_caches import RouteCache, route_cache

if TYPE_CHECKING:
    from ccw.context.patterns import Pattern
    from ccw.context.session import PackedContext
    from ccw.execution.targets import Target


def row_of(target: Target) -> RouteCache:
    """Return how calls to *target* meet the provider's cache.

    Where the model's own name does not tell, those of the models behind it do, if they agree.
    """
    kind, own = target.provider.type, route_cache(target.provider.type, _served_name(target))
    behind = {route_cache(kind, name) for name in target.serves}
    return behind.pop() if len(behind) == 1 and not own.models else own


def caching_of(target: Target, packed: PackedContext | None, key: str) -> Caching:
    """Return what a call of *target* asks for, with *packed* ahead of its prompt.

    *key* is what calls with the same prefix share; without packed files there is no prefix.
    """
    return NOTHING if packed is None else _asked(target, packed.marks, packed.cuts, key)


def seconds_kept(target: Target) -> int:
    """Return how long at most the provider of *target* keeps files from their last use."""
    return lifetime_of(row_of(target), _asked(target, marks=(0,)))


def minimum_of(target: Target) -> int | None:
    """Return the tokens that a prefix needs to be cached, None where unknown."""
    own = minimum_cacheable(target.model)
    if own is not None or not target.serves:
        return own
    behind = [minimum_cacheable(name) for name in target.serves]
    return None if None in behind else min(filter(None, behind))


def shortened(target: Target, asked: Caching) -> tuple[str, ...]:
    """Return a note when what a call of *target* marks lives shorter than its endpoint wants."""
    wanted = target.endpoint.cache_strategy.provider_cache
    if not asked.marks or asked.lifetime == wanted:
        return ()
    model, lifetime = target.endpoint.model, asked.lifetime
    return (f"providerCache {wanted}: the cache of {model} keeps files for {lifetime} only",)


def prefix_key(
    project: Path, cwd: str | os.PathLike[str] | None, patterns: Iterable[Pattern]
) -> str:
    """Return what calls about the same *patterns* share, whatever they ask."""
    start = project if cwd is None else Path(cwd).absolute()
    return cache_key(str(project), str(start), *(pattern.token for pattern in patterns))


def _asked(
    target: Target, marks: Sequence[int], cuts: Sequence[int] = (), key: str = ""
) -> Caching:
    return caching(
        row_of(target),
        _served_name(target),
        said=target.provider.advanced_settings.cache_marks,
        provider_cache=target.endpoint.cache_strategy.provider_cache,
        marks=marks,
        cuts=cuts,
        key=key,
        serves=target.serves,
    )


def _served_name(target: Target) -> str:
    """Return the model as its provider names it, without litellm's route."""
    return target.model.partition("/")[2]
