"""The keys of a provider's pool: merge patches that add, remove and switch one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ccw.config.lookup import closest
from ccw.config.models import ApiKeyEntry, ProviderCredential
from ccw.config.references import variables
from ccw.config.state import OWN_KEY, key_id
from ccw.config.views import written
from ccw.errors import AlreadyExists, InvalidValue, NotFound

Entries = list[dict[str, Any]]


def key_id_for(variable: str, label: str | None) -> str:
    """Return the id of a new key: its label without what an id cannot hold, else its variable."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", label or "").strip("-._")[:64] or variable


def key_names(index: int, entry: ApiKeyEntry) -> tuple[str, ...]:
    """Return by what an entry may be named: its id, its label, the variable that holds it."""
    names = (key_id(index, entry), entry.label, *variables(entry.key))
    return tuple(name for name in names if name)


def changed_keys(
    provider: ProviderCredential,
    *,
    added: ApiKeyEntry | None = None,
    removed: Sequence[str] = (),
    enabled: Sequence[str] = (),
    disabled: Sequence[str] = (),
) -> Entries:
    """Return what `apiKeys` of *provider* becomes; keys are named as `key_names` says.

    AlreadyExists for an id that is taken, NotFound for a name that no key has, InvalidValue for
    the provider's own key.
    """
    gone = {_index(provider, name) for name in removed}
    on = {_index(provider, name) for name in enabled}
    off = {_index(provider, name) for name in disabled}
    entries: Entries = []
    for index, entry in enumerate(provider.api_keys):
        if index not in gone:
            state = {"enabled": index in on} if index in on | off else {}
            entries.append({**written(entry), **state})
    return [*entries, *_new(entries, added)]


def _new(entries: Entries, added: ApiKeyEntry | None) -> Entries:
    if added is None:
        return []
    if any(entry.get("id") == added.id for entry in entries):
        raise AlreadyExists(
            f"API key ID already exists: {added.id}; give it another --label, "
            f"or take the old one away: --remove-key {added.id}"
        )
    return [written(added)]


def _index(provider: ProviderCredential, name: str) -> int:
    for index, entry in enumerate(provider.api_keys):
        if name in key_names(index, entry):
            return index
    if name == OWN_KEY or name in variables(provider.api_key):
        raise InvalidValue(
            f"{name} is the own key of provider {provider.id}, not one of its pool; to take it "
            f'away: ccw provider update {provider.id} --api-key "", and --add-key-env NAME makes '
            "it one of the pool"
        )
    known = [key_id(index, entry) for index, entry in enumerate(provider.api_keys)]
    near = closest(name, known)
    hint = f"did you mean {near}?" if near else f"there are: {', '.join(known) or 'none'}"
    raise NotFound(f"API key not found: {name} of provider {provider.id}; {hint}")
