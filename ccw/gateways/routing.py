"""Where a provider is asked, as the plain values that a call takes."""

from __future__ import annotations

from ccw.config.keys import ProviderKey
from ccw.config.resolve import ResolvedProvider
from ccw.config.state import OWN_KEY
from ccw.llm.call.request import Route


def route_of(resolved: ResolvedProvider, key: ProviderKey | None, model: str = "") -> Route:
    """Return where a provider is asked with *key*, None: its own or the usual one.

    *model* is as litellm names it.
    """
    provider = resolved.provider
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
