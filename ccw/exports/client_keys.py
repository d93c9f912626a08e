"""What a program that takes one key and one model at a time cannot hold of an endpoint."""

from __future__ import annotations

from collections.abc import Container, Iterator

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.exports.deployments import keys_of
from ccw.exports.export import Pair


def key_reference(provider: ProviderCredential, is_set: Container[str]) -> str:
    """Return the reference to the first enabled key, the type's usual one where none is given.

    "" where the provider needs none; a key that may be missing counts where it is set.
    """
    first = keys_of(provider)[0]
    given = first.key if first else provider.api_key
    kind = provider_type(provider.type)
    if given or not kind.owns(provider.api_base):
        return given
    at_hand = [name for name in kind.key_variables if name in is_set]
    usual = at_hand or ([] if kind.key_optional else list(kind.key_variables))
    return f"${{{usual[0]}}}" if usual else ""


def unheld(pair: Pair) -> Iterator[str]:
    """Yield what of *pair* only ccw does, as lines."""
    endpoint, keys = pair.endpoint, keys_of(pair.provider)
    named = {
        "fallbacks": endpoint.fallbacks,
        "params": endpoint.params,
        "description": endpoint.description,
        "cacheStrategy": "cache_strategy" in endpoint.model_fields_set,
    }
    held = ", ".join(name for name, value in named.items() if value)
    if held:
        yield f"endpoint {endpoint.id}: {held}"
    if len(keys) > 1:
        yield f"provider {pair.provider.id}: all keys but the first"
