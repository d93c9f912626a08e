"""Whom a call may go to: its endpoint, the fallbacks of that one, and the keys of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ccw.config.keys import ProviderKey, enabled_keys, usable_keys, with_key
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.resolve import require_trust, resolve_provider
from ccw.config.selection import Selected, select_endpoint, with_implicit
from ccw.errors import CcwError, KeyNotConfigured, SecretUnavailable
from ccw.execution.targets import Target
from ccw.llm.data import provider_names


@dataclass(frozen=True, slots=True)
class Chain:
    """The first choice and its fallbacks in order, and all providers whose keys may be shared.

    `fallbacks` are pairs of an endpoint's and its provider's id; `providers` are the enabled ones
    of the configuration, and those that are made for the call.
    """

    fallbacks: tuple[tuple[str, str], ...] = ()
    providers: tuple[ProviderCredential, ...] = ()
    notes: tuple[str, ...] = ()

    def has_choice(self, target: Target) -> bool:
        """Tell whether a call to *target* has anything to choose, or limits to keep."""
        provider = target.provider
        limits = provider.advanced_settings
        several = len(enabled_keys(provider)) > 1
        return bool(self.fallbacks or several or limits.rpm or limits.tpm)


def chain_of(
    config: LiteLLMApiConfig,
    target: Target,
    given: Sequence[str] | None,
    environ: Mapping[str, str],
) -> Chain:
    """Return whom a call to *target* may go to; *given* replaces the endpoint's own fallbacks.

    A fallback that is disabled, unknown or not for chat is left out with a note. Fallbacks of
    fallbacks are not followed.
    """
    names = target.endpoint.fallbacks if given is None else given
    others = [name for name in dict.fromkeys(names) if name != target.endpoint.id]
    found: list[Selected] = []
    notes: list[str] = []
    for name in others:
        try:
            found.append(select_endpoint(config, name, environ, None, provider_names))
        except CcwError as error:
            notes.append(f"fallback {name} is left out: {error}")
    configured = (
        with_implicit(config, environ).providers if found or target.provider.api_keys else ()
    )
    providers = {p.id: p for p in (*configured, target.provider, *(s.provider for s in found))}
    return Chain(
        fallbacks=tuple((one.endpoint.id, one.provider.id) for one in found),
        providers=tuple(provider for provider in providers.values() if provider.enabled),
        notes=tuple(notes),
    )


def first_key(
    provider: ProviderCredential, environ: Mapping[str, str]
) -> tuple[ProviderKey | None, tuple[str, ...]]:
    """Return a key of *provider* that can be resolved, with notes about those that are unset.

    None without a pool, where the provider is checked as it is. Raises what stands in the way of
    the last key, also when it is the only one.
    """
    keys, notes = usable_keys(provider, environ)
    if len(keys) > 1:
        require_trust(provider, environ)  # all keys at once: the user is asked but once
    for key in keys[:-1]:
        try:
            resolve_provider(with_key(provider, key), environ)
        except (KeyNotConfigured, SecretUnavailable):
            continue
        return key, notes
    last = keys[-1] if keys else None
    resolve_provider(with_key(provider, last), environ)
    return last, notes
