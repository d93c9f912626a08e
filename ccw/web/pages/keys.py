"""Whether the key of a provider is there: told from references alone, none is followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ccw.config.keys import enabled_keys
from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.config.references import has_sources, mask, references, unset_variables
from ccw.config.resolve import require_trust
from ccw.errors import NotTrusted

NOT_AGREED = "not agreed to; type ccw trust in the project"
Level = Literal["ok", "warn", "bad", "idle"]


@dataclass(frozen=True, slots=True)
class KeyView:
    """What to show of a key: how it is written, and whether a call would find it."""

    level: Level
    written: str
    says: str


def key_view(provider: ProviderCredential, environ: Mapping[str, str]) -> KeyView:
    """Return what is known of the key of *provider* without opening anything.

    What a call would refuse because the user has not agreed to it is said here as well.
    """
    found = _as_written(provider, environ)
    return found if _is_agreed(provider, environ) else replace(found, level="warn", says=NOT_AGREED)


def _as_written(provider: ProviderCredential, environ: Mapping[str, str]) -> KeyView:
    if provider.api_keys:
        return _pool(provider, environ)
    if provider.api_key:
        return _written_key(provider.api_key, environ)
    return _usual(provider, environ)


def _is_agreed(provider: ProviderCredential, environ: Mapping[str, str]) -> bool:
    try:
        require_trust(provider, environ)
    except NotTrusted:
        return False
    return True


def _written_key(text: str, environ: Mapping[str, str]) -> KeyView:
    shown, missing = mask(text), unset_variables(text, environ)
    if missing:
        return KeyView("bad", shown, f"{missing[0]} is not set")
    if has_sources(text):
        return KeyView("idle", shown, "looked up when used")
    if references(text):
        return KeyView("ok", shown, "set")
    return KeyView("warn", shown, "in the file; a reference is safer")


def _pool(provider: ProviderCredential, environ: Mapping[str, str]) -> KeyView:
    keys = enabled_keys(provider)
    ready = [key for key in keys if not unset_variables(key.reference, environ)]
    level: Level = "ok" if len(ready) == len(keys) and ready else "warn" if ready else "bad"
    names = ", ".join(key.name for key in keys) or "none enabled"
    return KeyView(level, names, f"{len(ready)} of {len(keys)} keys set")


def _usual(provider: ProviderCredential, environ: Mapping[str, str]) -> KeyView:
    """Tell of the type's usual variable, which is sent to the type's own hosts alone."""
    kind = provider_type(provider.type)
    names = kind.key_variables if kind.owns(provider.api_base) else ()
    present = next((name for name in names if environ.get(name)), None)
    if present:
        return KeyView("ok", f"${{{present}}}", "set")
    if kind.key_optional:
        return KeyView("idle", "", "no key needed")
    if names:
        return KeyView("bad", f"${{{names[0]}}}", "not set")
    return KeyView("bad", "", "no key for this address")
