"""Where a call goes while it lasts: the provider's address, or the embedded server's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from ccw.config.keys import ProviderKey
from ccw.config.places import ccw_home
from ccw.config.resolve import ResolvedProvider, resolve_provider
from ccw.execution.limits import check_local_window
from ccw.execution.planning import Plan
from ccw.gateways.routing import route_of
from ccw.llm.client import Route


@contextmanager
def open_route(plan: Plan, key: ProviderKey | None, environ: Mapping[str, str]) -> Iterator[Route]:
    """Give the route of the call, with the embedded server running where it is needed."""
    route = _route(plan, key, environ)
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
    if plan.target.is_local:
        return await asyncio.to_thread(stack.enter_context, open_route(plan, key, environ))
    if _planned(plan, key) is None and plan.target.asks:
        return await asyncio.to_thread(_route, plan, key, environ)
    return _route(plan, key, environ)


def _route(plan: Plan, key: ProviderKey | None, environ: Mapping[str, str]) -> Route:
    resolved = _planned(plan, key) or resolve_provider(plan.target.provider, environ, key)
    return route_of(resolved, key, plan.target.model)


def _planned(plan: Plan, key: ProviderKey | None) -> ResolvedProvider | None:
    """Return the provider of *plan* with *key* where it was planned with just that one."""
    return plan.key.resolved if key == plan.key.key else None
