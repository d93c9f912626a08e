"""Where a project takes the place of a provider or endpoint that the user has under the same id.

Without a key of the user's, too: what the user sends to a name that is the user's own would go to
another place. That the project's `.env` moves an address of the user's own counts as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.places import ccw_home
from ccw.config.references import ProjectEnviron
from ccw.config.trust.wishes import Wish, gateway_of_variables, places_of_provider


@dataclass(frozen=True, slots=True)
class Layers:
    """The project's own file and the user's own."""

    project: LiteLLMApiConfig
    users: LiteLLMApiConfig


def wishes_of_shadow(
    provider: ProviderCredential, layers: Layers, environ: ProjectEnviron
) -> frozenset[Wish]:
    """Return what *provider* asks for where it, or an endpoint of it, stands for the user's own.

    Nothing for the user's own one, also with a single key of its pool, unless it is moved.
    """
    if provider == gateway_of_variables():
        return frozenset()
    own = by_id(layers.users.providers, provider.id)
    places = set() if own is None else set(_moved(provider, own, environ))
    shadows = {Wish("instead", f"provider {provider.id}", place) for place in places}
    return frozenset({*shadows, *_of_endpoints(provider, layers, environ)})


def users_environ(environ: ProjectEnviron) -> ProjectEnviron:
    """Return *environ* as the user's own configuration means it: no `.env`, no project's files."""
    nowhere = ccw_home(environ.process) / "no-project"
    return ProjectEnviron(nowhere, environ.process, {}, environ.process)


def _of_endpoints(
    provider: ProviderCredential, layers: Layers, environ: ProjectEnviron
) -> Iterator[Wish]:
    """Yield what endpoints ask for that the project moves from the user's provider to its own."""
    if by_id(layers.project.providers, provider.id) is None:
        return
    for endpoint in layers.project.endpoints:
        own = by_id(layers.users.endpoints, endpoint.id)
        if own is None or endpoint.provider_id != provider.id or own.provider_id == provider.id:
            continue
        before = by_id(layers.users.providers, own.provider_id)
        there = places_of_provider(provider, environ)[:1]
        for place in there if before is None else _moved(provider, before, environ):
            yield Wish("instead", f"endpoint {endpoint.id}", place)


def _moved(
    provider: ProviderCredential, own: ProviderCredential, environ: ProjectEnviron
) -> Iterator[str]:
    """Yield where *provider* goes when that is elsewhere than the user's *own* goes."""
    where, proxy = places_of_provider(provider, environ)
    own_where, own_proxy = places_of_provider(own, users_environ(environ))
    if where != own_where or not _is_same(provider, own):
        yield where
    if proxy and proxy != own_proxy:
        yield proxy


def _is_same(provider: ProviderCredential, own: ProviderCredential) -> bool:
    return _call(provider) == _call(own) and _keys(provider) <= _keys(own)


def _call(provider: ProviderCredential) -> tuple[object, ...]:
    advanced = provider.advanced_settings
    return (
        provider.type,
        provider.api_base,
        advanced.custom_headers or {},
        advanced.organization,
        advanced.api_version,
    )


def _keys(provider: ProviderCredential) -> frozenset[str]:
    return frozenset({provider.api_key, *(entry.key for entry in provider.api_keys)})
