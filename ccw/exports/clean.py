"""A configuration without secrets: each literal replaced by the variable that is to hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from ccw.config.headers import PLAIN_HEADERS
from ccw.config.models import (
    AdvancedSettings,
    ApiKeyEntry,
    CustomEndpoint,
    LiteLLMApiConfig,
    ProviderCredential,
    Value,
)
from ccw.config.references import mask, mask_address
from ccw.config.views import written
from ccw.exports.variables import Names, sole_variable

_SECRET_NAME = re.compile(
    r"(?i)(api|access)[_-]?keys?$|^keys?$|secret|passw|token$|authorization|credential|headers$"
)
AnyValue = TypeVar("AnyValue", bound=Value)


def cleaned(config: LiteLLMApiConfig, names: Names) -> tuple[LiteLLMApiConfig, tuple[str, ...]]:
    """Return *config* without literal secrets and unknown fields, and what was taken away.

    A literal becomes a reference to a variable out of *names*; the notes tell it.
    """
    notes: list[str] = []
    providers = tuple(_Cleaner(provider, names, notes).cleaned() for provider in config.providers)
    endpoints = tuple(cleaned_endpoint(endpoint, notes) for endpoint in config.endpoints)
    known = _known(config, "the configuration", notes)
    return known.model_copy(update={"providers": providers, "endpoints": endpoints}), tuple(notes)


def without_stamps(value: Value) -> dict[str, Any]:
    """Return what is written of *value*, in camelCase, but when it was made and changed."""
    return {k: v for k, v in written(value).items() if k not in ("createdAt", "updatedAt")}


class _Cleaner:
    """Cleans one provider; what it replaces is told in *notes*."""

    def __init__(self, provider: ProviderCredential, names: Names, notes: list[str]) -> None:
        self._id = provider.id
        self._names = names
        self._notes = notes
        self._provider = _known(provider, f"provider {provider.id}", notes)

    def cleaned(self) -> ProviderCredential:
        """Return the provider with references alone; fields that were unset stay unset."""
        old = self._provider
        fields = {
            "api_key": self._secret(old.api_key, "apiKey", "API_KEY"),
            "api_keys": tuple(self._entry(i, item) for i, item in enumerate(old.api_keys)),
            "api_base": self._address(old.api_base, "apiBase", "API_BASE"),
            "advanced_settings": self._advanced(old.advanced_settings),
        }
        changed = {name: new for name, new in fields.items() if new != getattr(old, name)}
        return old.model_copy(update=changed)

    def _advanced(self, old: AdvancedSettings) -> AdvancedSettings:
        headers = old.custom_headers and {
            name: value if name.lower() in PLAIN_HEADERS else self._header(name, value)
            for name, value in old.custom_headers.items()
        }
        fields = {"proxy": self._address(old.proxy, "proxy", "PROXY"), "custom_headers": headers}
        changed = {name: new for name, new in fields.items() if new != getattr(old, name)}
        return old.model_copy(update=changed)

    def _entry(self, number: int, item: ApiKeyEntry) -> ApiKeyEntry:
        key = self._secret(item.key, f"apiKeys[{number}].key", f"API_KEY_{item.id or number + 1}")
        return item if key == item.key else item.model_copy(update={"key": key})

    def _header(self, name: str, value: str) -> str:
        return self._secret(value, f"header {name}", name)

    def _secret(self, value: str, field: str, suffix: str) -> str:
        """Return *value* where it shows nothing as it is written, else a reference instead."""
        if mask(value) == value:
            return value
        name = sole_variable(value)  # what shows is its default
        if name is None:
            return self._replaced(field, suffix)
        self._notes.append(f"provider {self._id}: the default of {name} in {field}")
        return f"${{{name}}}"

    def _address(self, value: str | None, field: str, suffix: str) -> str | None:
        hidden = value is not None and mask_address(value) != value
        return self._replaced(field, suffix) if hidden else value

    def _replaced(self, field: str, suffix: str) -> str:
        name = self._names.name(self._id, suffix)
        self._notes.append(
            f"provider {self._id}: {field} is a literal and not copied; put it into {name}"
        )
        return f"${{{name}}}"


def cleaned_endpoint(endpoint: CustomEndpoint, notes: list[str]) -> CustomEndpoint:
    """Return *endpoint* without params that may hold a secret; *notes* tell what is gone."""
    known = _known(endpoint, f"endpoint {endpoint.id}", notes)
    secret = [name for name, value in known.params.items() if is_secret(name, value)]
    if not secret:
        return known
    notes.append(f"endpoint {endpoint.id}: params {', '.join(secret)} may hold a secret")
    kept = {name: value for name, value in known.params.items() if name not in secret}
    return known.model_copy(update={"params": kept})


def is_secret(name: str, value: Any) -> bool:
    """Tell whether *value*, a parameter called *name*, may hold a secret."""
    if isinstance(value, dict):
        inside = any(is_secret(str(key), item) for key, item in value.items())
        return inside or bool(_SECRET_NAME.search(name))
    if isinstance(value, list | tuple):
        return any(is_secret(name, item) for item in value)
    return isinstance(value, str) and bool(_SECRET_NAME.search(name))


def _known(value: AnyValue, who: str, notes: list[str]) -> AnyValue:
    """Return *value* without unknown fields: nobody can say which of them is a secret."""
    unknown = sorted(set(_unknown(value)))
    if not unknown:
        return value
    notes.append(f"{who}: unknown fields {', '.join(unknown)}")
    known: AnyValue = _stripped(value)
    return known


def _unknown(value: Value) -> Iterator[str]:
    yield from value.model_extra or ()
    for inner in _inner(value):
        yield from _unknown(inner)


def _inner(value: Value) -> Iterator[Value]:
    for name in type(value).model_fields:
        field = getattr(value, name)
        if name not in ("providers", "endpoints"):  # those are looked at one by one
            items = field if isinstance(field, tuple) else (field,)
            yield from (item for item in items if isinstance(item, Value))


def _stripped(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_stripped(item) for item in value)
    if not isinstance(value, Value):
        return value
    fields = value.model_fields_set & set(type(value).model_fields)
    return type(value).model_construct(
        _fields_set=fields, **{name: _stripped(getattr(value, name)) for name in fields}
    )
