"""The configuration as others may see it: references as written, literal secrets masked."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import PydanticSerializationError

from ccw.config.headers import PLAIN_HEADERS
from ccw.config.models import Value
from ccw.config.references import MARK, mask, mask_address
from ccw.errors import InvalidValue

_SECRET = re.compile(
    r"(?i)(api|access)[_-]?key$|^key$|secret|passw|token$|authorization|credential|headers$"
)
_HEADERS = re.compile(r"(?i)headers$")
_ADDRESS = re.compile(r"(?i)(base|url|proxy)$")


def plain(value: Value) -> dict[str, Any]:
    """Return *value* with all its fields in camelCase, unknown keys included, nothing masked."""
    return value.model_dump(mode="json", by_alias=True)


def written(value: Value) -> dict[str, Any]:
    """Return what the user or an edit wrote of *value*, in camelCase, without the defaults."""
    try:
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    except PydanticSerializationError:  # only data from Python can hold such a value
        pass
    raise InvalidValue("a value cannot be written as JSON; use texts, numbers, lists and objects")


def masked(value: Value) -> dict[str, Any]:
    """Return *value* with all its fields in camelCase and every literal secret masked."""
    return {name: _masked(name, item) for name, item in plain(value).items()}


def restored(patch: Any, current: Any) -> Any:
    """Return *patch* with every masked value in it replaced by the *current* one it stands for.

    Both are in camelCase; InvalidValue when a masked value stands for nothing known, because
    saving it would lose the key.
    """
    return _restored("", patch, current, _masked("", current))


def _masked(name: str, item: Any, secret: bool = False) -> Any:
    secret = secret or bool(_SECRET.search(name))
    if isinstance(item, dict):
        hides = secret, bool(_HEADERS.search(name))
        return {key: _masked_in(key, value, *hides) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_masked(name, value, secret) for value in item]
    if not isinstance(item, str):
        return item
    if secret:
        return mask(item)
    return mask_address(item) if _ADDRESS.search(name) else item


def _masked_in(name: str, item: Any, secret: bool, is_header: bool) -> Any:
    is_plain = is_header and isinstance(item, str) and name.lower() in PLAIN_HEADERS
    return item if is_plain else _masked(name, item, secret)


def _restored(field: str, new: Any, old: Any, shown: Any, secret: bool = False) -> Any:
    secret = secret or bool(_SECRET.search(field) or _ADDRESS.search(field))
    if isinstance(new, dict):
        olds, showns = (x if isinstance(x, dict) else {} for x in (old, shown))
        return {k: _restored(k, v, olds.get(k), showns.get(k), secret) for k, v in new.items()}
    if isinstance(new, list | tuple):
        pairs = [_counterpart(i, item, old, shown) for i, item in enumerate(new)]
        return [
            _restored(field, item, *pair, secret) for item, pair in zip(new, pairs, strict=True)
        ]
    if isinstance(new, str) and new == shown:
        return old
    if secret and isinstance(new, str) and MARK in new:
        raise InvalidValue(f"{field} is masked ({MARK}); send the whole value, or leave it out")
    return new


def _counterpart(index: int, item: Any, old: Any, shown: Any) -> tuple[Any, Any]:
    """Return the old element of a list that *item* replaces: by `id`, else by position."""
    olds, showns = (list(x) if isinstance(x, list | tuple) else [] for x in (old, shown))
    identity = item.get("id") if isinstance(item, dict) else None
    if identity is not None:
        ids = [x.get("id") if isinstance(x, dict) else None for x in olds]
        index = ids.index(identity) if identity in ids else len(olds)
    return (olds[index], showns[index]) if index < len(olds) else (None, None)
