"""Whom a call may go to: its endpoint, and the fallbacks of that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ccw.config.keys import enabled_keys
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.selection import Selected, select_endpoint, with_implicit
from ccw.errors import CcwError
from ccw.execution.targets import Target
from ccw.llm.data import provider_names


@dataclass(frozen=True, slots=True)
class Chain:
    """The fallbacks of a first choice in order, and all providers whose keys may be shared.

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

    A fallback that is the endpoint itself, disabled, unknown or not for chat is left out with a
    note. Fallbacks of fallbacks are not followed.
    """
    names = target.endpoint.fallbacks if given is None else given
    found: list[Selected] = []
    notes: list[str] = []
    for name in dict.fromkeys(names):
        if name == target.endpoint.id:
            notes.append(f"fallback {name} is left out: it is the endpoint itself")
            continue
        try:
            found.append(select_endpoint(config, name, environ, None, provider_names))
        except CcwError as error:
            notes.append(f"fallback {name} is left out: {error}")
    providers = _providers(config, target, found, environ)
    return Chain(
        fallbacks=tuple((one.endpoint.id, one.provider.id) for one in found),
        providers=tuple(provider for provider in providers if provider.enabled),
        notes=tuple(notes),
    )


def _providers(
    config: LiteLLMApiConfig, target: Target, found: Sequence[Selected], environ: Mapping[str, str]
) -> Iterator[ProviderCredential]:
    """Yield each provider once; all that are configured where there is something to share."""
    shared = found or target.provider.api_keys
    configured = with_implicit(config, environ).providers if shared else ()
    others = (one.provider for one in found)
    yield from {p.id: p for p in (*configured, target.provider, *others)}.values()
