"""Which key of a provider can be resolved, found before any file is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccw.config.keys import ProviderKey, not_configured, usable_keys
from ccw.config.models import ProviderCredential
from ccw.config.resolve import ResolvedProvider, require_trust, resolve_provider
from ccw.config.state import OWN_KEY
from ccw.errors import CcwError, KeyNotConfigured, MissingVariable, SecretUnavailable

# What makes a key, or all that its provider refers to, unusable at present. NotTrusted is none of
# them: a refusal of the user's must not become a call to somebody else.
UNRESOLVED = (KeyNotConfigured, MissingVariable, SecretUnavailable)


@dataclass(frozen=True, slots=True)
class FirstKey:
    """A key that can be resolved, None without a pool; and what there is to say of the others.

    `resolved` is the provider with that key, for the call alone. `failed` has the errors of those
    that were tried before, by id. `obstacle` is why no key can be resolved at all.
    """

    key: ProviderKey | None = None
    resolved: ResolvedProvider | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    failed: Mapping[str, CcwError] = field(default_factory=dict)
    obstacle: CcwError | None = None


def first_key(provider: ProviderCredential, environ: Mapping[str, str]) -> FirstKey:
    """Return the first key of *provider* that can be resolved; raises one of UNRESOLVED for none.

    A key that is left out has a note. Without a pool the provider is checked as it is.
    """
    keys, notes = usable_keys(provider, environ)
    if len(keys) > 1:
        require_trust(provider, environ)  # all keys at once: the user is asked but once
    failed: dict[str, CcwError] = {}
    for key in keys or (None,):
        found = _resolved(provider, key, environ)
        if isinstance(found, ResolvedProvider):
            return FirstKey(key, found, (*notes, *map(not_used, failed.values())), failed)
        failed[key.id if key else OWN_KEY] = found
    if len(failed) == 1:
        raise next(iter(failed.values()))
    reasons = "; ".join(map(str, failed.values()))
    raise not_configured(provider, "none of its keys can be used", reasons)


def not_used(error: CcwError) -> str:
    """Return the note about a key of a pool that *error* keeps from being used.

    It begins otherwise than a note about a file, of which only a few are shown.
    """
    return f"not used: {error}"


def _resolved(
    provider: ProviderCredential, key: ProviderKey | None, environ: Mapping[str, str]
) -> ResolvedProvider | CcwError:
    try:
        return resolve_provider(provider, environ, key)
    except UNRESOLVED as error:
        return error.with_traceback(None)  # its frames know keys
