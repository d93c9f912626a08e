"""A provider made ready for one call: its key, address and headers with every reference filled.

Here alone a key's value comes to light; it goes into the call and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccw.config.bases import checked_base
from ccw.config.headers import header_problem
from ccw.config.keys import ProviderKey, not_configured, with_key
from ccw.config.models import ProviderCredential
from ccw.config.needed_base import lost_query
from ccw.config.provider_types import ProviderType, provider_type
from ccw.config.references import ProjectEnviron, expand, fill, unset_variables
from ccw.config.selection import Selected as Selected
from ccw.config.selection import select_endpoint as select_endpoint
from ccw.config.selection import with_implicit as with_implicit
from ccw.config.state import OWN_KEY
from ccw.errors import InvalidValue, KeyNotConfigured


@dataclass(frozen=True, slots=True)
class ResolvedProvider:
    """What a call needs to know of a provider; `api_key` None: send no Authorization header.

    `api_base` None means that litellm knows the address, or for type `local` that the embedded
    server has to be started first.
    """

    provider: ProviderCredential
    kind: ProviderType
    api_key: str | None = field(default=None, repr=False)
    api_base: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)


def resolve_provider(
    provider: ProviderCredential, environ: Mapping[str, str], key: ProviderKey | None = None
) -> ResolvedProvider:
    """Return *provider* with everything that *environ* has to fill in, *key* as its only key.

    MissingVariable and KeyNotConfigured name the variable, its field and what to type; NotTrusted
    what a cloned project must not have without being asked.
    """
    provider = with_key(provider, key)
    require_trust(provider, environ)
    kind = provider_type(provider.type)
    base = _base(provider, kind, environ)
    advanced = provider.advanced_settings
    return ResolvedProvider(
        provider=provider,
        kind=kind,
        api_key=_api_key(provider, kind, base, environ, key.title if key else OWN_KEY),
        api_base=base,
        headers=_headers(provider, environ),
        proxy=_expanded(provider, "advancedSettings.proxy", advanced.proxy, environ)
        if advanced.proxy
        else None,
    )


def require_trust(provider: ProviderCredential, environ: Mapping[str, str]) -> None:
    """Raise NotTrusted when a call to *provider* asks for more than the user agreed to.

    A plain mapping belongs to no project, so with one there is nothing to ask.
    """
    if isinstance(environ, ProjectEnviron):
        from ccw.config.trust.checking import check_provider  # a call alone needs it

        check_provider(provider, environ)


def available_key(provider: ProviderCredential, environ: Mapping[str, str]) -> str:
    """Return the key that a call would use as far as it is there, else "".

    What is unset is no error; a keyring, file or command that gives nothing is SecretUnavailable,
    and what the user has not agreed to is NotTrusted.
    """
    require_trust(provider, environ)
    if provider.api_key:
        where = _field(provider, "apiKey")
        return fill(provider.api_key, environ, where, owner=provider.id).strip()
    where = _field(provider, "apiBase")
    text = fill(provider.api_base or "", environ, where, owner=provider.id)
    try:
        base = checked_base(text) if provider.api_base else None
    except ValueError:
        base = ""  # no address: the usual key of no type belongs there
    return _usual_key(provider_type(provider.type), base, environ)


def _base(
    provider: ProviderCredential, kind: ProviderType, environ: Mapping[str, str]
) -> str | None:
    where = _field(provider, "apiBase")
    text = _expanded(provider, "apiBase", provider.api_base or "", environ)
    if not text:
        if kind.base_needed:
            raise InvalidValue(
                f"{where} is empty, and type {kind.name} needs an address: "
                f"ccw provider update {provider.id} --api-base https://…"
            )
        return kind.default_base
    try:
        base = checked_base(text)
        problem = lost_query(kind, base)
    except ValueError as error:
        problem = str(error)
    if problem is not None:
        raise InvalidValue(f"{where} {problem}")
    return base


def _api_key(
    provider: ProviderCredential,
    kind: ProviderType,
    base: str | None,
    environ: Mapping[str, str],
    name: str,
) -> str | None:
    missing = unset_variables(provider.api_key, environ)
    if missing:
        raise _not_configured(provider, f"{name} refers to {missing[0]}, which is not set", missing)
    key = _key(provider, kind, base, environ, name)
    if key:
        return _sendable(provider, key, name)
    if kind.key_optional:
        return None
    raise _not_configured(provider, *_why_no_key(provider, kind, base, name))


def _key(
    provider: ProviderCredential,
    kind: ProviderType,
    base: str | None,
    environ: Mapping[str, str],
    name: str,
) -> str:
    """Return the key in the field *name*, else the usual one where *base* may have it."""
    if provider.api_key:
        return _expanded(provider, name, provider.api_key, environ).strip()
    return _usual_key(kind, base, environ)


def _usual_key(kind: ProviderType, base: str | None, environ: Mapping[str, str]) -> str:
    if not kind.key_variables or not kind.owns(base):
        return ""
    values = (environ.get(name, "").strip() for name in kind.key_variables)
    return next((value for value in values if value), "")


def _why_no_key(
    provider: ProviderCredential, kind: ProviderType, base: str | None, name: str
) -> tuple[str, tuple[str, ...]]:
    if provider.api_key:
        return f"{name} comes out empty", ()
    if not kind.owns(base):
        return "apiKey is empty, and the usual key is not sent to a foreign apiBase", ()
    names = " or ".join(kind.key_variables)
    return f"apiKey is empty and {names} is not set", kind.key_variables[:1]


def _not_configured(
    provider: ProviderCredential, why: str, variables: tuple[str, ...]
) -> KeyNotConfigured:
    remedy = (
        f"export {variables[0]}=… or put it into the project's .env"
        if variables
        else f"ccw provider update {provider.id} --api-key-env NAME"
    )
    return not_configured(provider, why, remedy)


def _sendable(provider: ProviderCredential, key: str, name: str) -> str:
    """Refuse a key that HTTP cannot carry here: below, the error would quote it."""
    if key.isascii() and key.isprintable():
        return key
    whose = "its value" if name == OWN_KEY else f"the value of {name}"
    why = f"{whose} holds characters that no key has, such as a line break or a typographic one"
    raise not_configured(provider, why, "set it anew")


def _headers(provider: ProviderCredential, environ: Mapping[str, str]) -> dict[str, str]:
    headers = {}
    for name, text in (provider.advanced_settings.custom_headers or {}).items():
        where = _field(provider, f"advancedSettings.customHeaders.{name}")
        value = headers[name] = expand(text, environ, where, owner=provider.id)
        problem = header_problem(name, value)
        if problem is not None:
            raise InvalidValue(f"{where} {problem}")
    return headers


def _expanded(
    provider: ProviderCredential, name: str, text: str, environ: Mapping[str, str]
) -> str:
    return expand(text, environ, _field(provider, name), owner=provider.id)


def _field(provider: ProviderCredential, name: str) -> str:
    return f"{name} of provider {provider.id}"
