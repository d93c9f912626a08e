"""The fields of a provider in which references are filled."""

from __future__ import annotations

from collections.abc import Iterator

from ccw.config.models import ProviderCredential
from ccw.config.references import has_sources


def provider_texts(provider: ProviderCredential) -> Iterator[tuple[str, str]]:
    """Yield name and text, as written, of each field that may hold references."""
    yield "apiKey", provider.api_key
    yield "apiBase", provider.api_base or ""
    yield "advancedSettings.proxy", provider.advanced_settings.proxy or ""
    for name, value in (provider.advanced_settings.custom_headers or {}).items():
        yield f"advancedSettings.customHeaders.{name}", value
    for index, entry in enumerate(provider.api_keys):
        yield f"apiKeys[{index}].key", entry.key


def asks_sources(provider: ProviderCredential) -> bool:
    """Tell whether a keyring, file or command, which may take seconds, has to be asked."""
    return any(has_sources(text) for _, text in provider_texts(provider))
