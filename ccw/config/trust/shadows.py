"""Where a project takes the place of a provider that the user has under the same id, or moves it.

Without a key of the user's, too: what the user sends to a provider known by its id would go to
another one. That the project's `.env` moves an address of the user's own counts as well.
"""

from __future__ import annotations

from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.references import ProjectEnviron
from ccw.config.trust.wishes import Wish, gateway_of_variables, places_of_provider


def wishes_of_shadow(
    provider: ProviderCredential, users: LiteLLMApiConfig, environ: ProjectEnviron
) -> frozenset[Wish]:
    """Return what *provider* asks for where *users*, the user's own file, has one of its id.

    Nothing for the user's own one, also with a single key of its pool, unless it is moved.
    """
    own = by_id(users.providers, provider.id)
    if own is None or provider == gateway_of_variables():
        return frozenset()
    where, proxy = places_of_provider(provider, environ)
    own_where, own_proxy = places_of_provider(own, without_dotenv(environ))
    is_another = where != own_where or not _is_same(provider, own)
    moved = (where if is_another else "", proxy if proxy != own_proxy else "")
    return frozenset(Wish("instead", provider.id, place) for place in moved if place)


def without_dotenv(environ: ProjectEnviron) -> ProjectEnviron:
    """Return *environ* as the user's own configuration sees it: the real one alone."""
    return ProjectEnviron(environ.project, environ.process, {}, environ.process)


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
