"""What is doubtful about the keys of a provider's pool and how they are chosen."""

from __future__ import annotations

from collections.abc import Iterator

from ccw.config.models import ProviderCredential

Remark = tuple[str, str]  # field, message


def pool_remarks(provider: ProviderCredential) -> Iterator[Remark]:
    """Yield what of `apiKeys` and `routingStrategy` does not work as it may be meant."""
    yield from _entries(provider)
    usable = [entry for entry in provider.api_keys if entry.enabled]
    if provider.api_keys and not usable and not provider.api_key:
        yield "apiKeys", f"all keys are disabled, so {provider.id} cannot be used"
    count = len(usable) + bool(provider.api_key)
    if provider.routing_strategy != "simple-shuffle" and count < 2:
        strategy = provider.routing_strategy
        yield "routingStrategy", f"{strategy} has no effect with fewer than two keys in use"
    if usable and not any(entry.weight for entry in usable) and not provider.api_key:
        yield "apiKeys", "all weights are 0; give one key a weight above it"


def pool_members(provider: ProviderCredential) -> Iterator[tuple[str, ProviderCredential]]:
    """Yield the field of each key in use and the provider with it alone."""
    if provider.api_key or not provider.api_keys:
        yield "", provider
    for index, entry in enumerate(provider.api_keys):
        if entry.enabled and entry.key.strip():
            yield f".apiKeys[{index}]", provider.model_copy(update={"api_key": entry.key})


def _entries(provider: ProviderCredential) -> Iterator[Remark]:
    seen: set[str] = set()
    for index, entry in enumerate(provider.api_keys):
        if entry.id is not None and entry.id in seen:
            yield f"apiKeys[{index}].id", f"{entry.id} is there twice"
        seen |= {entry.id} if entry.id else set()
        if not entry.key.strip():
            yield f"apiKeys[{index}].key", "is empty"
