"""What a program that takes one key and one model at a time cannot hold of an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.exports.clean import without_stamps
from ccw.exports.deployments import keys_of
from ccw.exports.export import Pair, Selection


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


def usable_pairs(
    chosen: Selection, why_not: Callable[[Pair], str | None], left_out: list[str]
) -> list[Pair]:
    """Return the pairs that a program can use; *why_not* tells of the others, for *left_out*."""
    usable = []
    for pair in chosen.pairs:
        why = why_not(pair)
        if why is None:
            usable.append(pair)
        else:
            left_out.append(f"endpoint {pair.endpoint.id}: {why}")
    return usable


def first_of(usable: Sequence[Pair], chosen: Selection) -> Pair | None:
    """Return the default endpoint where it is among *usable*, else the first of these."""
    default = chosen.first
    if default is not None and default in usable:
        return default
    return usable[0] if usable else None


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
    advanced = pair.provider.advanced_settings
    unused = [name for name in without_stamps(advanced) if name != "customHeaders"]
    if unused:
        yield f"provider {pair.provider.id}: {', '.join(unused)}"
    if len(keys) > 1:
        yield f"provider {pair.provider.id}: all keys but the first"
