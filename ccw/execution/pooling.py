"""A call with a choice of keys and endpoints: what the Router needs of plans and their keys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from hashlib import blake2b

from ccw.config.keys import ProviderKey, usable_keys
from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.config.references import variables
from ccw.config.state import OWN_KEY, read_state
from ccw.errors import CcwError, ContextWindowExceeded, KeyNotConfigured
from ccw.execution.cooling import cooling_of, keep_news
from ccw.execution.keys import UNRESOLVED, not_used
from ccw.execution.obstacles import obstacle_of
from ccw.execution.planning import Plan, make_plan, project_of
from ccw.execution.preparing import Preparation, Tell
from ccw.execution.routes import enter_route
from ccw.execution.sending import bounds_of
from ccw.execution.tries import Tries
from ccw.llm.call.retries import OnWait
from ccw.llm.client import OnDelta, Request, Route, apooled
from ccw.llm.pool.values import Attempt, Group, Member, PoolCall, Pooled, Step

_SALT = os.urandom(16)  # marks are compared within this process only
OVERFLOW = "context_window_exceeded"


class Pooling:
    """One call that may go to several endpoints; a fallback is planned when its turn comes."""

    def __init__(
        self, ready: Preparation, clock: Callable[[], float], tell: Tell, tries: Tries
    ) -> None:
        assert ready.plan is not None
        self.options, self.environ, self.first = ready.options, ready.environ, ready.plan
        self.clock, self.tell, self.tries = clock, tell, tries
        first = self.first.target.endpoint.id
        self.plans: dict[str, Plan] = {first: self.first}
        self.obstacles: dict[str, CcwError | None] = {first: ready.obstacle}
        self.routes: dict[tuple[str, str], Route] = {}
        self._broken: dict[tuple[str, str], CcwError] = {}
        self._stack = ExitStack()

    async def ask(self, on_delta: OnDelta, on_wait: OnWait) -> Pooled:
        """Make the call; what it finds of the keys is kept for the next processes."""
        project, now = project_of(self.options), self.clock()
        state = read_state(project)
        call = replace(self._call(), cooling=cooling_of(state, now))
        with self._stack:
            pooled = await apooled(call, on_delta, on_wait=on_wait)
        await asyncio.to_thread(keep_news, project, state, pooled.seen, now)
        return pooled

    def plan_of(self, pooled: Pooled) -> Plan:
        """Return the plan of the endpoint that answered, or that was asked last."""
        return self.plans.get(pooled.endpoint, self.first)

    def route_of(self, pooled: Pooled) -> Route:
        """Return where the answer came from."""
        return self.routes[pooled.endpoint, pooled.key_id]

    async def open(
        self, endpoint: str, key_id: str, attempts: Sequence[Attempt]
    ) -> Request | CcwError:
        """Return the request to *endpoint* with one of its keys, or why it cannot be asked.

        Raises what is in the way of that key.
        """
        if endpoint not in self.obstacles:
            await asyncio.to_thread(self._plan, endpoint)
        obstacle = self.obstacles[endpoint] or self._too_small(self.plans[endpoint], attempts)
        if obstacle is not None:
            return obstacle
        route = await self._route(self.plans[endpoint], key_id)
        return self.tries.request(self.plans[endpoint], self.options, route)

    async def _route(self, plan: Plan, key_id: str) -> Route:
        """Return where the call goes; a key that is broken is left out with a note, once."""
        place, key_place = (plan.target.endpoint.id, key_id), (plan.target.provider.id, key_id)
        if place in self.routes:
            return self.routes[place]
        known = plan.key.failed.get(key_id) or self._broken.get(key_place)
        if known is not None:
            raise known
        key = _key(plan.target.provider, key_id, self.environ)
        try:
            self.routes[place] = await enter_route(self._stack, plan, key, self.environ)
        except UNRESOLVED as error:
            self._broken[key_place] = error.with_traceback(None)
            self.tell([not_used(error)] if key else ())
            raise
        return self.routes[place]

    def _plan(self, endpoint: str) -> None:
        """Plan the same question to a fallback, whose files and params are its own."""
        asked = replace(self.options, endpoint_id=endpoint, model=None, fallbacks=())
        try:
            plan = make_plan(asked, self.environ, self.clock())
        except CcwError as error:
            self.obstacles[endpoint] = error.with_traceback(None)
            return
        told = {note for known in self.plans.values() for note in known.notes}
        self.tell([note for note in plan.notes if note not in told])
        self.obstacles[endpoint] = obstacle_of(plan, self.options.max_cost)
        self.plans[endpoint] = plan

    def _too_small(self, plan: Plan, attempts: Sequence[Attempt]) -> CcwError | None:
        """Refuse an endpoint that is known to hold no more than one that overflowed."""
        window = plan.target.facts.context_window
        full = [self.plans[a.endpoint] for a in attempts if a.error_type == OVERFLOW]
        too_small = max((p.target.facts.context_window or 0 for p in full), default=0)
        if window is None or window > too_small:
            return None
        return ContextWindowExceeded(
            f"the context window of {plan.target.endpoint.model} holds {window:,} tokens, no "
            f"more than the one that was too small; add a fallback with a larger one"
        )

    def _call(self) -> PoolCall:
        target, chain = self.first.target, self.first.chain
        providers = {provider.id: provider for provider in chain.providers}
        order = ((target.endpoint.id, target.provider.id), *chain.fallbacks)
        bounds = {name: bounds_of(p, self.options) for name, p in providers.items()}
        return PoolCall(
            space=_space(str(project_of(self.options))),
            groups=tuple(_group(p, self.environ) for p in chain.providers),
            steps=tuple(Step(endpoint, name, bounds[name][0]) for endpoint, name in order),
            open=self.open,
            clock=self.clock,
            on_failed=self.tries.failed,
            max_retries=bounds[target.provider.id][1],
        )


def _group(provider: ProviderCredential, environ: Mapping[str, str]) -> Group:
    """Return the keys to choose from; one without a name where there is no pool, or none is set."""
    try:
        keys, _ = usable_keys(provider, environ)
    except KeyNotConfigured:  # told when its turn comes
        keys = ()
    members = tuple(
        Member(key.id, key.name, key.weight, _mark(provider, key.reference, environ))
        for key in keys
    )
    own = Member(OWN_KEY, "", mark=_mark(provider, provider.api_key, environ))
    return Group(
        provider=provider.id,
        members=members or (own,),
        strategy=provider.routing_strategy,
        rpm=provider.advanced_settings.rpm,
        tpm=provider.advanced_settings.tpm,
    )


def _mark(provider: ProviderCredential, reference: str, environ: Mapping[str, str]) -> str:
    """Return what changes when the key or its address does, and tells nothing else."""
    base = provider.api_base or ""
    names = (*variables(reference), *variables(base), *provider_type(provider.type).key_variables)
    parts = (reference, base, *(environ.get(name, "") for name in names))
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return blake2b(text, digest_size=8, key=_SALT).hexdigest()


def _key(
    provider: ProviderCredential, key_id: str, environ: Mapping[str, str]
) -> ProviderKey | None:
    keys, _ = usable_keys(provider, environ)
    return next((key for key in keys if key.id == key_id), None)


def _space(project: str) -> str:
    """Return a name for what the calls of one project share, that litellm reads nothing into."""
    return blake2b(project.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
