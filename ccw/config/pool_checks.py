"""What is doubtful about the keys of a provider's pool and how they are chosen."""

from __future__ import annotations

from collections.abc import Iterator

from ccw.config.keys import enabled_keys, with_key
from ccw.config.models import ProviderCredential

Remark = tuple[str, str]  # field, message


def pool_remarks(provider: ProviderCredential) -> Iterator[Remark]:
    """Yield what of `apiKeys` and `routingStrategy` does not work as it may be meant."""
    yield from _entries(provider)
    keys, strategy = enabled_keys(provider), provider.routing_strategy
    if provider.api_keys and not keys:
        yield "apiKeys", f"all keys are disabled or empty, so {provider.id} cannot be used"
    if strategy != "simple-shuffle" and len(keys) < 2:
        yield "routingStrategy", f"{strategy} has no effect with fewer than two keys in use"
    elif strategy == "weighted" and not any(key.weight for key in keys):
        yield "apiKeys", "all weights are 0; give a key a weight above it"
    elif strategy != "weighted" and len({key.weight for key in keys}) > 1:
        yield "routingStrategy", f"weights have no effect with {strategy}, only with weighted"


def pool_members(provider: ProviderCredential) -> Iterator[ProviderCredential]:
    """Yield the provider with each of its keys in use alone; as it is without a pool."""
    if not provider.api_keys:
        yield provider
    for key in enabled_keys(provider):
        yield with_key(provider, key)


def _entries(provider: ProviderCredential) -> Iterator[Remark]:
    seen: set[str] = set()
    for index, entry in enumerate(provider.api_keys):
        if entry.id is not None and entry.id in seen:
            yield f"apiKeys[{index}].id", f"{entry.id} is there twice"
        seen |= {entry.id} if entry.id else set()
        if not entry.key.strip():
            yield f"apiKeys[{index}].key", "is empty"
