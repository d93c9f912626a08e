"""The public functions around a project's configuration: load, edit, save.

`base_dir` is the project folder. Data comes as a dict in camelCase or snake_case, or as a model.
Reading gives what holds in the project: its own file over the user's own. Writing changes the
project's file, or with `user=True` the user's; `environ` tells where that one is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ccw.config import edit
from ccw.config.edit import Data, Patch
from ccw.config.lookup import Other
from ccw.config.models import (
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
    ProviderCredential,
)
from ccw.config.owned_keys import Entry, abandoned_entries, own_service, remove_owned, tell_unused
from ccw.config.places import ccw_home
from ccw.config.reading import BaseDir as BaseDir
from ccw.config.reading import Environ as Environ
from ccw.config.reading import ResolvedProviderCredential as ResolvedProviderCredential
from ccw.config.reading import find_endpoint_by_id as find_endpoint_by_id
from ccw.config.reading import get_all_endpoints as get_all_endpoints
from ccw.config.reading import get_all_providers as get_all_providers
from ccw.config.reading import get_default_endpoint as get_default_endpoint
from ccw.config.reading import get_endpoint as get_endpoint
from ccw.config.reading import get_global_cache_settings as get_global_cache_settings
from ccw.config.reading import get_provider as get_provider
from ccw.config.reading import (
    get_provider_with_resolved_env_vars as get_provider_with_resolved_env_vars,
)
from ccw.config.reading import load_config as load_config
from ccw.config.reading import real_environ as real_environ
from ccw.config.reading import resolve_env_var as resolve_env_var
from ccw.config.saving import Check
from ccw.config.saving import change_file as change_file
from ccw.config.saving import update_config as update_config
from ccw.errors import NotFound

Clock = Callable[[], datetime]
Warn = Callable[[str], object]
Removed = tuple[tuple[str, ...], tuple[Entry, ...]]  # ids of endpoints, entries of the keyring
Updated = tuple[ProviderCredential, tuple[Entry, ...]]


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def add_provider(
    base_dir: BaseDir,
    data: Data,
    *,
    user: bool = False,
    environ: Environ = None,
    clock: Clock = utc_now,
) -> ProviderCredential:
    """Add a provider and return it; its id is made from type and time unless given."""
    return update_config(
        base_dir,
        lambda config: edit.add_provider(config, data, clock()),
        user=user,
        environ=environ,
    )


def update_provider(
    base_dir: BaseDir,
    provider_id: str,
    updates: Patch,
    *,
    user: bool = False,
    environ: Environ = None,
    clock: Clock = utc_now,
    check: Check = None,
    warn: Warn = lambda _text: None,
) -> ProviderCredential:
    """Apply a merge patch to a provider and return it; NotFound without one.

    *warn* is told of a key of ccw's in the keyring that nothing refers to any more.
    """
    service = _own_service(base_dir, user, environ)

    def change(config: LiteLLMApiConfig, other: Other) -> tuple[LiteLLMApiConfig, Updated]:
        changed, provider = edit.update_provider(config, provider_id, updates, clock(), other)
        return changed, (provider, abandoned_entries(config, changed, service))

    provider, entries = change_file(base_dir, change, user, environ, check)
    tell_unused(entries, warn)
    return provider


def remove_provider(
    base_dir: BaseDir,
    provider_id: str,
    *,
    user: bool = False,
    environ: Environ = None,
    check: Check = None,
    warn: Warn = lambda _text: None,
) -> tuple[str, ...]:
    """Remove a provider with its endpoints, return the ids of these; NotFound without one.

    The keys that `ccw provider set-key` kept for it leave the keyring; *warn* is told when it
    refuses.
    """
    service = _own_service(base_dir, user, environ)

    def change(config: LiteLLMApiConfig, other: Other) -> tuple[LiteLLMApiConfig, Removed]:
        changed, gone = edit.remove_provider(config, provider_id, other)
        return changed, (gone, abandoned_entries(config, changed, service))

    gone, entries = change_file(base_dir, change, user, environ, check)
    remove_owned(entries, warn)
    return gone


def delete_provider(
    base_dir: BaseDir, provider_id: str, *, user: bool = False, environ: Environ = None
) -> bool:
    """Remove a provider with its endpoints; False when there is none with that id."""
    try:
        remove_provider(base_dir, provider_id, user=user, environ=environ)
    except NotFound:
        return False
    return True


def add_endpoint(
    base_dir: BaseDir,
    data: Data,
    *,
    user: bool = False,
    environ: Environ = None,
    clock: Clock = utc_now,
) -> CustomEndpoint:
    """Add an endpoint and return it; the first one for chat becomes the default."""
    return change_file(
        base_dir,
        lambda config, other: edit.add_endpoint(config, data, clock(), other),
        user,
        environ,
    )


def update_endpoint(
    base_dir: BaseDir,
    endpoint_id: str,
    updates: Patch,
    *,
    user: bool = False,
    environ: Environ = None,
    clock: Clock = utc_now,
    check: Check = None,
) -> CustomEndpoint:
    """Apply a merge patch to an endpoint and return it; NotFound without one."""
    return change_file(
        base_dir,
        lambda config, other: edit.update_endpoint(config, endpoint_id, updates, clock(), other),
        user,
        environ,
        check,
    )


def remove_endpoint(
    base_dir: BaseDir,
    endpoint_id: str,
    *,
    user: bool = False,
    environ: Environ = None,
    check: Check = None,
) -> str | None:
    """Remove an endpoint, return the file's default endpoint after it; NotFound without one."""

    def change(config: LiteLLMApiConfig, other: Other) -> tuple[LiteLLMApiConfig, str | None]:
        changed = edit.remove_endpoint(config, endpoint_id, other)
        return changed, changed.default_endpoint

    return change_file(base_dir, change, user, environ, check)


def delete_endpoint(
    base_dir: BaseDir, endpoint_id: str, *, user: bool = False, environ: Environ = None
) -> bool:
    """Remove an endpoint; False when there is none with that id."""
    try:
        remove_endpoint(base_dir, endpoint_id, user=user, environ=environ)
    except NotFound:
        return False
    return True


def set_default_endpoint(
    base_dir: BaseDir,
    endpoint_id: str | None,
    *,
    user: bool = False,
    environ: Environ = None,
) -> None:
    """Make an enabled chat endpoint the default; None clears it."""
    change_file(
        base_dir,
        lambda config, other: (edit.set_default_endpoint(config, endpoint_id, other), None),
        user,
        environ,
    )


def update_global_cache_settings(
    base_dir: BaseDir, updates: Data, *, user: bool = False, environ: Environ = None
) -> GlobalCacheSettings:
    """Apply a merge patch to the settings of the context cache and return the file's."""

    def change(config: LiteLLMApiConfig) -> tuple[LiteLLMApiConfig, GlobalCacheSettings]:
        changed = edit.update_cache_settings(config, updates)
        return changed, changed.global_cache_settings

    return update_config(base_dir, change, user=user, environ=environ)


def _own_service(base_dir: BaseDir, user: bool, environ: Environ) -> str:
    """Return the keyring service of the file that is changed."""
    return own_service(ccw_home(real_environ(environ)) if user else Path(base_dir))
