"""Where a provider is asked: its references filled in, as the plain values that a call takes."""

from __future__ import annotations

from collections.abc import Mapping

from ccw.config.keys import ProviderKey
from ccw.config.models import ProviderCredential
from ccw.config.resolve import resolve_provider
from ccw.config.state import OWN_KEY
from ccw.llm.call.request import Route


def route_of(
    provider: ProviderCredential,
    key: ProviderKey | None,
    environ: Mapping[str, str],
    model: str = "",
) -> Route:
    """Return where *provider* is asked with *key*, None: its own or the usual one.

    *model* is as litellm names it. Everything that the provider refers to is filled in here, so
    CcwErrors name what is missing.
    """
    resolved = resolve_provider(provider, environ, key)
    advanced = provider.advanced_settings
    return Route(
        model=model,
        provider_name=provider.name,
        api_key=resolved.api_key,
        api_base=resolved.api_base,
        api_version=advanced.api_version,
        organization=advanced.organization,
        headers=resolved.headers,
        proxy=resolved.proxy,
        provider_id=provider.id,
        key_name=key.name if key and key.id != OWN_KEY else None,
    )
