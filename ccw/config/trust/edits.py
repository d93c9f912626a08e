"""What an edit of the user's own agrees to: what it wrote, not what a clone had there before.

A wish names a secret and an address. Either may have stood in the file already, in a provider or a
key that was disabled too; then it counts only when the user wrote it once, or agreed to it.
"""

from __future__ import annotations

from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.references import ProjectEnviron
from ccw.config.trust.shadows import wishes_of_shadow
from ccw.config.trust.wishes import (
    Wish,
    parts_of_provider,
    wishes_of_cache,
    wishes_of_provider,
)


def agreed_by_edit(
    old: LiteLLMApiConfig,
    new: LiteLLMApiConfig,
    vouched: frozenset[str],
    users: LiteLLMApiConfig,
    environ: ProjectEnviron,
) -> frozenset[Wish]:
    """Return what to put on record for the edit from *old* to *new*, the project's own file.

    *vouched* is what the user wrote or agreed to earlier, *users* the user's own file.
    """
    before, after = (
        wishes_of_cache(config.global_cache_settings.cache_dir, environ) for config in (old, new)
    )
    changed = (
        _of_provider(by_id(old.providers, item.id), item, vouched, users, environ)
        for item in new.providers
        if item not in old.providers
    )
    return (after - before).union(*changed)


def switched_on(provider: ProviderCredential) -> ProviderCredential:
    """Return *provider* with all that is switched off switched on: one edit is enough for that."""
    keys = tuple(key.model_copy(update={"enabled": True}) for key in provider.api_keys)
    return provider.model_copy(update={"enabled": True, "api_keys": keys})


def _of_provider(
    old: ProviderCredential | None,
    new: ProviderCredential,
    vouched: frozenset[str],
    users: LiteLLMApiConfig,
    environ: ProjectEnviron,
) -> frozenset[Wish]:
    now, then = switched_on(new), None if old is None else switched_on(old)
    asked = wishes_of_provider(now, environ) | wishes_of_shadow(now, users, environ)
    wrote = parts_of_provider(now, environ)
    if then is not None:
        asked -= wishes_of_provider(then, environ) | wishes_of_shadow(then, users, environ)
        wrote -= parts_of_provider(then, environ)
    known = wrote | vouched
    agreed = {w for w in asked if w.where in known and (w.kind == "instead" or w.what in known)}
    return frozenset(agreed | {Wish("written", part, "") for part in wrote})
