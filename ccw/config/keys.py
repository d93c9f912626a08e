"""The keys of a provider: its own and those of its pool, as references; none is resolved here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccw.config.models import ProviderCredential
from ccw.config.references import unset_variables
from ccw.config.state import OWN_KEY, key_id
from ccw.errors import KeyNotConfigured


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """One key; `reference` is kept as written, `name` is what messages call it."""

    id: str
    name: str
    weight: float
    reference: str = field(repr=False)

    @property
    def title(self) -> str:
        """The key as messages about its provider's fields name it."""
        return OWN_KEY if self.id == OWN_KEY else f"key {self.name}"


def enabled_keys(provider: ProviderCredential) -> tuple[ProviderKey, ...]:
    """Return the keys that a call may use, each reference once; () without a pool.

    A provider's own `apiKey` counts as a further key of its `apiKeys`.
    """
    if not provider.api_keys:
        return ()
    own = [ProviderKey(OWN_KEY, OWN_KEY, 1, provider.api_key)] if provider.api_key else []
    pooled = [
        ProviderKey(
            key_id(index, entry), entry.label or key_id(index, entry), entry.weight, entry.key
        )
        for index, entry in enumerate(provider.api_keys)
        if entry.enabled and entry.key.strip()
    ]
    return tuple({key.reference: key for key in (*own, *pooled)}.values())


def usable_keys(
    provider: ProviderCredential, environ: Mapping[str, str]
) -> tuple[tuple[ProviderKey, ...], tuple[str, ...]]:
    """Return the keys whose variables are set, and a note for each of the others.

    Raises KeyNotConfigured when the provider has a pool and no key of it can be used.
    """
    keys = enabled_keys(provider)
    unset = {key.id: unset_variables(key.reference, environ) for key in keys}
    usable = tuple(key for key in keys if not unset[key.id])
    if provider.api_keys and not usable:
        raise _no_key(provider, tuple(name for names in unset.values() for name in names))
    notes = (
        f"key {key.name} of provider {provider.id} is left out: {unset[key.id][0]} is not set"
        for key in keys
        if unset[key.id]
    )
    return usable, tuple(notes)


def with_key(provider: ProviderCredential, key: ProviderKey | None) -> ProviderCredential:
    """Return *provider* with *key* as its only one; as it is without one."""
    if key is None:
        return provider
    return provider.model_copy(update={"api_key": key.reference, "api_keys": ()})


def not_configured(provider: ProviderCredential, why: str, remedy: str) -> KeyNotConfigured:
    """Return the error of a provider that has no usable key."""
    id_ = "" if provider.id == provider.name else f"{provider.id}: "
    return KeyNotConfigured(
        f"API key not configured for provider: {provider.name} ({id_}{why}); {remedy}"
    )


def _no_key(provider: ProviderCredential, unset: tuple[str, ...]) -> KeyNotConfigured:
    if unset:
        names = " and ".join(dict.fromkeys(unset))
        remedy = f"export {unset[0]}=… or put it into the project's .env"
        return not_configured(provider, f"apiKeys refer to {names}, not set", remedy)
    why = "all of its apiKeys are disabled or empty"
    return not_configured(provider, why, f"enable one in apiKeys of {provider.id}")
