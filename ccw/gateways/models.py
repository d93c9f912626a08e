"""Which models the providers of a project have: asked for, kept for minutes, or built in."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import ProviderType, provider_type
from ccw.errors import CcwError
from ccw.gateways.figures import overlay_of
from ccw.gateways.kept import KeptList, keep, kept_path, read_kept
from ccw.gateways.providers import World, keys_of, provider_in, route_to, world_of
from ccw.llm.call.request import Route
from ccw.llm.gateway.details import ModelDetails, built_in, described
from ccw.llm.gateway.failures import Failure, no_models
from ccw.llm.gateway.listing import UNLISTED, Found, fetch_models, has_list
from ccw.llm.gateway.parsing import Listed, joined
from ccw.llm.gateway.talk import TIMEOUT, run
from ccw.llm.local.model import CONTEXT_WINDOW, MODEL_ID

Source = Literal["gateway", "cache", "built-in", "configured"]
BaseDir = str | os.PathLike[str]
Clock = Callable[[], float]
EMBEDDED = Listed(
    id=MODEL_ID,
    context_window=CONTEXT_WINDOW,
    input_cost_per_million=0.0,
    output_cost_per_million=0.0,
    purpose="chat",
)
_TRY_NEXT_KEY = ("key", "limited")  # another key of the pool may do better


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models of one provider, and where they come from.

    `fetched_at` in seconds since the epoch and `age` in seconds are None for a list that no
    gateway gave: the built-in one of the type, or `configured`, what the configuration names.
    `stale`: the gateway was asked and did not answer, `error` says why; `failure` is the same as
    an exception. `skipped` entries of the answer could not be read.
    """

    provider: str
    type: str
    models: tuple[ModelDetails, ...] = ()
    source: Source = "gateway"
    fetched_at: float | None = None
    age: float | None = None
    stale: bool = False
    skipped: int = 0
    error: str | None = None
    failure: CcwError | None = field(default=None, repr=False, compare=False)


def list_models(
    base_dir: BaseDir,
    provider_id: str,
    *,
    refresh: bool = False,
    environ: Mapping[str, str] | None = None,
    clock: Clock = time.time,
    timeout: float = TIMEOUT,
) -> ModelList:
    """Return the models of one provider: kept for 5 minutes, with *refresh* asked for anew.

    NotFound, InvalidValue for a disabled one, and what its key or address lacks are raised; a
    gateway that fails is told in the list, which is then the last known or the built-in one.
    """
    world = world_of(Path(base_dir), os.environ if environ is None else environ)
    question = _Question.about(provider_in(world, provider_id), world, clock, timeout)
    known = question.known(refresh)
    if known is not None:
        return known
    routes = question.routes()
    return run(lambda: question.asked(routes))


def all_models(
    base_dir: BaseDir,
    *,
    refresh: bool = False,
    environ: Mapping[str, str] | None = None,
    clock: Clock = time.time,
    timeout: float = TIMEOUT,
) -> tuple[ModelList, ...]:
    """Return the models of every enabled provider, all asked at once; each tells its own error."""
    world = world_of(Path(base_dir), os.environ if environ is None else environ)
    providers = [provider for provider in world.config.providers if provider.enabled]
    answers = [
        _Question.about(provider, world, clock, timeout).begun(refresh) for provider in providers
    ]

    async def together() -> list[ModelList]:
        return await asyncio.gather(*(answer() for answer in answers))

    return tuple(run(together)) if answers else ()


def described_by(
    provider: ProviderCredential, models: Iterable[Listed]
) -> tuple[ModelDetails, ...]:
    """Return *models* of *provider* with all that is known about them."""
    kind, overlays = provider_type(provider.type), provider.models
    return tuple(
        described(model, kind, provider.id, overlay_of(overlays, model.id)) for model in models
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of one provider, and what was known of its models before."""

    provider: ProviderCredential
    world: World
    path: Path | None
    before: KeptList | None
    clock: Clock
    timeout: float

    @classmethod
    def about(
        cls, provider: ProviderCredential, world: World, clock: Clock, timeout: float
    ) -> _Question:
        path = kept_path(provider, world)
        return cls(provider, world, path, read_kept(path), clock, timeout)

    @property
    def kind(self) -> ProviderType:
        return provider_type(self.provider.type)

    def known(self, refresh: bool) -> ModelList | None:
        """Return what need not be asked for, None when the gateway has to be."""
        if self.kind.name in UNLISTED:
            return self._built_in()
        if self.before is not None and not refresh and self.before.is_fresh(self.clock()):
            return self._last()
        return None

    def routes(self) -> tuple[Route, ...]:
        """Return where to ask, a route for each key; CcwErrors say what is missing."""
        keys, _ = keys_of(self.provider, self.world)
        return tuple(route_to(self.provider, key, self.world) for key in keys)

    def begun(self, refresh: bool) -> Callable[[], Awaitable[ModelList]]:
        """Return how to get the answer, after all that could raise was done."""
        known = self.known(refresh)
        if known is not None:
            return partial(_given, known)
        try:
            routes = self.routes()
        except CcwError as error:
            return partial(_given, self._instead(error))
        return partial(self.asked, routes)

    async def asked(self, routes: Sequence[Route]) -> ModelList:
        """Return what the gateway lists, or what stands in for that."""
        if not has_list(self.kind, routes[0].api_base):
            return self._built_in()
        found = await self._found(routes)
        if isinstance(found, Failure):
            return self._instead(found.error)
        now = self.clock()
        keep(self.path, found.listing, now)
        return self._fetched(found, now)

    async def _found(self, routes: Sequence[Route]) -> Found | Failure:
        for route in routes[:-1]:
            found = await fetch_models(route, self.kind, timeout=self.timeout)
            if not isinstance(found, Failure) or found.kind not in _TRY_NEXT_KEY:
                return found
        return await fetch_models(routes[-1], self.kind, timeout=self.timeout)

    def _fetched(self, found: Found, now: float) -> ModelList:
        models, skipped = found.listing.models, found.listing.skipped
        failure = None if models else no_models(self.provider.title, skipped)
        return replace(self._list(models, failure), fetched_at=now, age=0.0, skipped=skipped)

    def _last(self, failure: CcwError | None = None) -> ModelList:
        assert self.before is not None
        before = self.before
        if failure is None and not before.models:
            failure = no_models(self.provider.title, before.skipped)
        return replace(
            self._list(before.models, failure),
            source="cache",
            fetched_at=before.fetched_at,
            age=max(0.0, self.clock() - before.fetched_at),
            skipped=before.skipped,
        )

    def _instead(self, error: CcwError) -> ModelList:
        """Return the last list, else the built-in one, with why the gateway gave none."""
        failure = _could_not_fetch(error)
        if self.before is not None:
            return replace(self._last(failure), stale=True)
        return self._built_in(failure)

    def _built_in(self, failure: CcwError | None = None) -> ModelList:
        configured = [
            *(model.id for model in self.provider.models),
            *(e.model for e in self.world.config.endpoints if e.provider_id == self.provider.id),
        ]
        of_type = _of_type(self.kind)
        models = joined([*(Listed(id=name) for name in configured), *of_type]).models
        source: Source = "configured" if models and not of_type else "built-in"
        return replace(self._list(models, failure), source=source)

    def _list(self, models: Sequence[Listed], failure: CcwError | None) -> ModelList:
        provider = self.provider
        return ModelList(
            provider.id,
            provider.type,
            described_by(provider, models),
            error=None if failure is None else str(failure),
            failure=failure,
        )


def _could_not_fetch(error: CcwError) -> CcwError:
    """Return *error* in other words; made without its class's own parameters, it keeps them."""
    told = type(error).__new__(type(error), f"Could not fetch models: {error}")
    told.__dict__.update(error.__dict__)
    return told


def _of_type(kind: ProviderType) -> tuple[Listed, ...]:
    if kind.name == "local":
        return (EMBEDDED,)
    return built_in(kind)


async def _given(known: ModelList) -> ModelList:
    return known
