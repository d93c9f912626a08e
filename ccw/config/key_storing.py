"""A provider's key into the keyring, its reference into the config: both, or neither."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ccw.config import manager
from ccw.config.keyrings import Store
from ccw.config.layers import load_layer, target_of
from ccw.config.lookup import find_provider
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.owned_keys import (
    Entry,
    abandoned_entries,
    entry_for,
    own_service,
    owned_entries,
    remove_owned,
    with_stored_key,
)
from ccw.config.places import ccw_home
from ccw.errors import AlreadyExists, InvalidValue, SecretUnavailable

Changed = tuple[ProviderCredential, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Whose key goes where: the provider, one of its pool's keys or none, the keyring's entry."""

    project: Path
    provider_id: str
    entry: Entry
    own_service: str
    key_id: str | None = None
    label: str | None = None
    user: bool = False  # in the user's own file, not in the project's


def place_of_key(
    project: Path,
    provider_id: str,
    environ: Mapping[str, str],
    *,
    service: str | None = None,
    account: str | None = None,
    key_id: str | None = None,
    label: str | None = None,
    user: bool = False,
) -> KeyPlace:
    """Return where the key of a provider belongs; NotFound without the provider.

    *service* and *account* replace the names that ccw makes of the folder and the provider; an
    entry under another service is not ccw's and stays when the provider is removed.
    """
    other = target_of(project, environ, user=user).other
    find_provider(load_layer(project, environ, user=user), provider_id, other)
    own = own_service(ccw_home(environ) if user else project)
    entry = entry_for(service or own, provider_id, key_id, account)
    return KeyPlace(project, provider_id, entry, own, key_id, label, user)


def store_key(
    place: KeyPlace,
    value: str,
    keyring: Store,
    environ: Mapping[str, str],
    *,
    warn: Callable[[str], object],
    clock: manager.Clock = manager.utc_now,
) -> ProviderCredential:
    """Keep *value* in *keyring* and write its reference into the config; return the provider.

    When either fails, both are as before. An entry that the provider had and that nobody refers
    to any more is taken away.
    """

    def change(config: LiteLLMApiConfig) -> tuple[LiteLLMApiConfig, Changed]:
        new, provider = with_stored_key(
            config,
            place.provider_id,
            place.entry.reference,
            clock(),
            key_id=place.key_id,
            label=place.label,
        )
        return new, (provider, abandoned_entries(config, new, place.own_service))

    key = _checked(value)
    _refuse_foreign(place, key, keyring, environ)
    with _kept(place.entry, key, keyring):
        provider, gone = manager.update_config(
            place.project, change, user=place.user, environ=environ
        )
    remove_owned(gone, warn)
    return provider


def _checked(value: str) -> str:
    key = value.strip()
    if not key:
        raise InvalidValue("no key was given; type it at the prompt, or send it to stdin")
    if key.isascii() and key.isprintable():
        return key
    raise InvalidValue(
        "the key holds characters that no key has, such as a line break or a typographic one; "
        "copy it again"
    )


def _refuse_foreign(place: KeyPlace, key: str, keyring: Store, environ: Mapping[str, str]) -> None:
    """Do not overwrite what another program keeps under the service that was asked for."""
    entry = place.entry
    if entry.service == place.own_service or keyring.get(entry.service, entry.user) in (None, key):
        return
    config = load_layer(place.project, environ, user=place.user)
    if entry not in owned_entries(config, entry.service):
        raise AlreadyExists(
            f"the keyring has another secret under {entry.service}/{entry.user}; choose another "
            f"--account, or use that secret: ccw provider update {place.provider_id} "
            f"--api-key '{entry.reference}'"
        )


@contextlib.contextmanager
def _kept(entry: Entry, key: str, keyring: Store) -> Iterator[None]:
    """Keep *key* as *entry*; when that or what follows fails, what was there is put back."""
    before = keyring.get(entry.service, entry.user)
    try:
        keyring.set(entry.service, entry.user, key)
        if keyring.get(entry.service, entry.user) != key:
            raise SecretUnavailable(
                f"the keyring did not keep {entry.service}/{entry.user}; nothing was changed"
            )
        yield
    except BaseException:
        _put_back(entry, before, keyring)
        raise


def _put_back(entry: Entry, before: str | None, keyring: Store) -> None:
    with contextlib.suppress(SecretUnavailable):
        if before is None:
            keyring.delete(entry.service, entry.user)
        else:
            keyring.set(entry.service, entry.user, before)
