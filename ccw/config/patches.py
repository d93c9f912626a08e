"""Merge patches (RFC 7386) on config objects: from a dict in either spelling, or from a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ccw.config.json_values import too_deep
from ccw.config.models import GlobalCacheSettings, Item, Value
from ccw.config.validation import parse
from ccw.config.views import restored, written
from ccw.errors import InvalidValue
from ccw.moments import timestamp

Data = Mapping[str, Any] | Value
Patch = Data | Callable[[Any], Data]  # or what makes one of the object as it is
_FIXED = ("id", "createdAt", "updatedAt")  # never taken from an update


def patched(old: Item, patch: Patch, now: datetime) -> Item:
    """Return *old* with *patch* applied; its id stays."""
    model = type(old)
    changes = _given(model, patch(old) if callable(patch) else patch)
    if changes.get("id", old.id) != old.id:
        raise InvalidValue(f"id: {old.id} cannot be changed; add a new one and remove this one")
    changes = {key: value for key, value in changes.items() if key not in _FIXED}
    before = written(old)
    merged = _merge(before, restored(changes, before))
    merged["updatedAt"] = timestamp(now)
    return parse(model, merged, invalid(old.id))


def patched_settings(old: GlobalCacheSettings, patch: Data) -> GlobalCacheSettings:
    """Return *old* with *patch* applied."""
    merged = _merge(written(old), _given(GlobalCacheSettings, patch))
    return parse(GlobalCacheSettings, merged, invalid("globalCacheSettings"))


def camel_data(model: type[Value], data: Data) -> dict[str, Any]:
    """Return *data* as the fields of a new *model* in camelCase, nulls left out."""
    return dict(_merge({}, restored(_given(model, data), {})))


def invalid(what: str) -> Callable[[str], InvalidValue]:
    """Return what makes an error about *what* of its problems."""
    return lambda problems: InvalidValue(f"{what}: {problems}")


def _merge(old: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def _given(model: type[Value], data: Data) -> dict[str, Any]:
    """Return *data* in camelCase; what is too deep is refused before anybody walks it."""
    given = _camel(model, data)
    for name, value in given.items():
        problem = too_deep(value)
        if problem is not None:
            raise InvalidValue(f"a value cannot be written as JSON: {name} {problem}")
    return given


def _camel(model: type[Value], data: Data) -> dict[str, Any]:
    """Return *data* with the names of the model's fields in camelCase; other keys stay."""
    if isinstance(data, Value):
        return written(data)
    if not isinstance(data, Mapping):
        raise InvalidValue(f"expected an object, got {type(data).__name__}")
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    result = {aliases.get(key, key): value for key, value in data.items()}
    for name, field in model.model_fields.items():
        inner, value = field.annotation, result.get(aliases[name])
        if not (isinstance(inner, type) and issubclass(inner, Value)):
            continue
        if isinstance(value, Mapping | Value):
            result[aliases[name]] = _camel(inner, value)
    return result
