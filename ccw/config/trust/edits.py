"""What an edit of the user's own agrees to: what it wrote, not what a clone had there before.

A wish names a secret and an address. Either may have stood in the file already, in a provider or a
key that was disabled too; then it counts only when the user wrote it once, or agreed to it.
"""

from __future__ import annotations

from ccw.config.models import ProviderCredential, by_id
from ccw.config.references import ProjectEnviron
from ccw.config.trust.belonging import is_linked_out
from ccw.config.trust.shadows import Layers, wishes_of_shadow
from ccw.config.trust.wishes import (
    Wish,
    parts_of_provider,
    wishes_of_cache,
    wishes_of_provider,
)


def agreed_by_edit(
    old: Layers, new: Layers, vouched: frozenset[str], environ: ProjectEnviron
) -> frozenset[Wish]:
    """Return what to put on record for the edit of the project's own file from *old* to *new*.

    *vouched* is what the user wrote or agreed to earlier.
    """
    added = _wishes_of_cache(new, environ) - _wishes_of_cache(old, environ)
    for provider in new.project.providers:
        added |= _of_provider(provider, old, new, vouched, environ)
    return added


def switched_on(provider: ProviderCredential) -> ProviderCredential:
    """Return *provider* with all that is switched off switched on: one edit is enough for that."""
    keys = tuple(key.model_copy(update={"enabled": True}) for key in provider.api_keys)
    return provider.model_copy(update={"enabled": True, "api_keys": keys})


def _of_provider(
    provider: ProviderCredential,
    old: Layers,
    new: Layers,
    vouched: frozenset[str],
    environ: ProjectEnviron,
) -> frozenset[Wish]:
    asked, wrote = _asked(provider, new, environ)
    before = by_id(old.project.providers, provider.id)
    if before is not None:
        asked_before, parts_before = _asked(before, old, environ)
        asked, wrote = asked - asked_before, wrote - parts_before
    known, moved = wrote | vouched, _moved_endpoints(old, new)
    agreed = {
        wish
        for wish in asked
        if (wish.where in known or wish.what in moved)
        and (wish.what in known or wish.kind == "instead")
    }
    return frozenset(agreed | {Wish("written", part, "") for part in wrote})


def _asked(
    provider: ProviderCredential, layers: Layers, environ: ProjectEnviron
) -> tuple[frozenset[Wish], frozenset[str]]:
    whole = switched_on(provider)
    wishes = wishes_of_provider(whole, environ) | wishes_of_shadow(whole, layers, environ)
    return wishes, parts_of_provider(whole, environ)


def _moved_endpoints(old: Layers, new: Layers) -> frozenset[str]:
    """Return the endpoints, as wishes name them, that the edit gave a provider."""
    before = {endpoint.id: endpoint.provider_id for endpoint in old.project.endpoints}
    return frozenset(
        f"endpoint {endpoint.id}"
        for endpoint in new.project.endpoints
        if before.get(endpoint.id) != endpoint.provider_id
    )


def _wishes_of_cache(layers: Layers, environ: ProjectEnviron) -> frozenset[Wish]:
    """Return what the setting asks for as written, not where a link of a clone leads."""
    cache_dir = layers.project.global_cache_settings.cache_dir
    if is_linked_out(cache_dir, environ):
        return frozenset()
    return wishes_of_cache(cache_dir, environ)
