"""Two editors of one object: a tag for what each has read, and a refusal for the later one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ccw.config.models import Item, LiteLLMApiConfig, by_id
from ccw.config.views import masked
from ccw.errors import ChangedMeanwhile

Check = Callable[[LiteLLMApiConfig, LiteLLMApiConfig], None]
ItemsOf = Callable[[LiteLLMApiConfig], tuple[Item, ...]]
CHANGED = "it was changed since you read it; look at both versions, then save again"


def etag(shown: Mapping[str, Any]) -> str:
    """Return the tag of an object as it is shown, secrets masked; its time of change is in it."""
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def matches(expected: str | None, shown: Mapping[str, Any]) -> bool:
    """Tell whether the header `If-Match` allows to change what is *shown*; None allows it."""
    if expected is None or expected.strip() == "*":
        return True
    return etag(shown) in [tag.strip() for tag in expected.split(",")]


def unchanged(expected: str | None, items_of: ItemsOf[Item], item_id: str) -> Check | None:
    """Return what stops a change of an object that is not as `If-Match` expects it."""
    if expected is None:
        return None

    def check(old: LiteLLMApiConfig, new: LiteLLMApiConfig) -> None:
        before, after = by_id(items_of(old), item_id), by_id(items_of(new), item_id)
        if before is None or matches(expected, masked(before)):
            return
        yours = None if after is None else masked(after)
        raise ChangedMeanwhile(CHANGED, current=masked(before), yours=yours)

    return check
