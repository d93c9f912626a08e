"""Where a call goes while it lasts: the provider's address, or the embedded server's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from ccw.config.keys import ProviderKey
from ccw.config.places import ccw_home
from ccw.config.provider_texts import asks_sources
from ccw.config.resolve import ResolvedProvider, resolve_provider
from ccw.execution.limits import check_local_window
from ccw.execution.planning import Plan
from ccw.gateways.routing import route_of
from ccw.llm.client import Route


@contextmanager
def open_route(plan: Plan, key: ProviderKey | None, environ: Mapping[str, str]) -> Iterator[Route]:
    """Give the route of the call, with the embedded server running where it is needed."""
    route = route_of(_resolved(plan, key, environ), key, plan.target.model)
    if not plan.target.is_local or route.api_base:
        yield route
        return
    from ccw.llm.local.model import threads_wanted
    from ccw.llm.local.server import local_server

    home, threads = ccw_home(environ), threads_wanted(environ)
    with local_server(home, threads=threads) as server:
        check_local_window(plan, server)
        yield replace(route, api_base=server.api_base, api_key=server.api_key)


async def enter_route(
    stack: ExitStack, plan: Plan, key: ProviderKey | None, environ: Mapping[str, str]
) -> Route:
    """Return the route for *stack*'s lifetime; a command that gives a key may take its time.

    So does the start of an embedded server.
    """
    route = open_route(plan, key, environ)
    if plan.target.is_local or asks_sources(plan.target.provider):
        return await asyncio.to_thread(stack.enter_context, route)
    return stack.enter_context(route)


def _resolved(plan: Plan, key: ProviderKey | None, environ: Mapping[str, str]) -> ResolvedProvider:
    """Return the provider of *plan* with *key*, as it was planned where that is the first one."""
    first = plan.key
    if first.resolved is not None and key == first.key:
        return first.resolved
    return resolve_provider(plan.target.provider, environ, key)
