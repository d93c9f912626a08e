"""The keyring entries that ccw itself made: how they are named, who uses them, taking them away.

They stand under a service of the folder that the config file belongs to, a project's or the
user's own, so that a copied or cloned config never names, or removes, those of another folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ccw.config.edit import update_provider
from ccw.config.lookup import find_provider
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.provider_texts import provider_texts
from ccw.config.references import keyring_entry, problems, references
from ccw.config.views import written
from ccw.errors import InvalidValue, SecretUnavailable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HEX_DIGITS = 12


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One entry of a keyring; its value is the key."""

    service: str
    user: str

    @property
    def reference(self) -> str:
        """The entry as a config file refers to it."""
        return f"${{keyring:{self.service}/{self.user}}}"


def own_service(folder: Path) -> str:
    """Return the service of the entries that ccw makes for *folder*, unique by its real path."""
    import hashlib

    place = os.path.realpath(folder)
    digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:_HEX_DIGITS]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(place).name).strip("-.") or "project"
    return f"ccw:{name[:40]}-{digest}"


def entry_for(
    service: str, provider_id: str, key_id: str | None = None, user: str | None = None
) -> Entry:
    """Return where the key of a provider, or of one entry of its pool, is kept.

    InvalidValue when a reference cannot name that.
    """
    entry = Entry(service, user or (f"{provider_id}:{key_id}" if key_id else provider_id))
    found = [keyring_entry(r.argument) for r in references(entry.reference) if r.kind == "keyring"]
    if found != [(service, entry.user)] or problems(entry.reference) or not service.isprintable():
        raise InvalidValue(
            f"no reference can name {entry.service}/{entry.user}; "
            "choose --service without braces, and --account without braces and slashes"
        )
    return entry


def owned_entries(config: LiteLLMApiConfig, service: str) -> frozenset[Entry]:
    """Return the entries of *service* that the providers of *config* refer to."""
    texts = (text for provider in config.providers for _, text in provider_texts(provider))
    found = (r.argument for text in texts for r in references(text) if r.kind == "keyring")
    return frozenset(e for e in (Entry(*keyring_entry(x)) for x in found) if e.service == service)


def abandoned_entries(
    old: LiteLLMApiConfig, new: LiteLLMApiConfig, service: str
) -> tuple[Entry, ...]:
    """Return the entries of *service* that *old* refers to and *new* does not."""
    return tuple(sorted(owned_entries(old, service) - owned_entries(new, service)))


def remove_owned(entries: tuple[Entry, ...], warn: Callable[[str], object]) -> None:
    """Take *entries* out of the keyring; when it refuses, *warn* is told what stays there."""
    from ccw.config.keyrings import secure_keyring

    for entry in entries:
        try:
            keyring = secure_keyring("")
            if keyring.get(entry.service, entry.user) is not None:
                keyring.delete(entry.service, entry.user)
        except SecretUnavailable:
            warn(
                f"note: the keyring refused to give up {entry.service}/{entry.user}; "
                f"take it out yourself: keyring del {entry.service} {entry.user}"
            )


def tell_unused(entries: tuple[Entry, ...], warn: Callable[[str], object]) -> None:
    """Tell *warn* how to take out *entries*, which may be wanted again and so stay."""
    for entry in entries:
        warn(
            f"note: the keyring still holds {entry.service}/{entry.user}, which nothing here "
            f"refers to any more; to take it out: keyring del {entry.service} {entry.user}"
        )


def with_stored_key(
    config: LiteLLMApiConfig,
    provider_id: str,
    key: str,
    now: datetime,
    *,
    key_id: str | None = None,
    label: str | None = None,
) -> tuple[LiteLLMApiConfig, ProviderCredential]:
    """Return *config* with *key* as the provider's, or as that of the pool's entry *key_id*.

    An entry is found by its id, else by its label; without one it is added with that id.
    """
    patch: dict[str, Any] = {"apiKey": key}
    if key_id is not None:
        patch = {"apiKeys": _pool(find_provider(config, provider_id), key_id, key, label)}
    return update_provider(config, provider_id, patch, now)


def _pool(
    provider: ProviderCredential, key_id: str, key: str, label: str | None
) -> list[dict[str, Any]]:
    entries = [written(entry) for entry in provider.api_keys]
    named = [e for name in ("id", "label") for e in entries if e.get(name) == key_id]
    if not named and not _NAME.fullmatch(key_id):
        raise InvalidValue(f"--key-id: expected letters, digits, '.', '_' or '-', got {key_id!r}")
    change = {"key": key, **({"label": label} if label else {})}
    if not named:
        return [*entries, {"id": key_id, **change}]
    return [{**e, **change} if e is named[0] else e for e in entries]
