"""What JSON can hold and every part of ccw can walk: bounded in depth, no number without end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

MAX_DEPTH = 64
_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_DEPTH_OF_FILE = 2 * MAX_DEPTH  # what an edit may hold stands some levels down in the file


def too_deep(data: Any, max_depth: int = MAX_DEPTH) -> str | None:
    """Return, as the end of a sentence, that *data* is nested too deep; None when it is not."""
    if sum(1 for _ in _levels(data, max_depth + 2)) <= max_depth + 1:
        return None
    return f"is nested more than {max_depth} deep"


def not_json(data: Any, max_depth: int = MAX_DEPTH) -> str | None:
    """Return, as the end of a sentence, why no JSON can hold *data*; None when it can."""
    items = (item for level in _levels(data, max_depth + 1) for item in level)
    if any(isinstance(item, float) and not isfinite(item) for item in items):
        return "holds a number that is not finite"
    return too_deep(data, max_depth)


def has_half_character(data: Any, max_depth: int = MAX_DEPTH) -> bool:
    """Tell whether a text in *data*, names included, holds a lone surrogate, which UTF-8 cannot."""
    items = (item for level in _levels(data, max_depth + 1) for item in level)
    return any(_SURROGATE.search(text) for item in items for text in _texts(item))


def _texts(item: Any) -> Iterable[str]:
    if isinstance(item, dict):
        return filter(_is_text, item)
    return (item,) if _is_text(item) else ()


def _is_text(item: Any) -> bool:
    return isinstance(item, str)


def _levels(data: Any, most: int) -> Iterator[list[Any]]:
    """Yield the values of each level, the whole first, of at most so many levels."""
    level = [data]
    for _ in range(most):
        yield level
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return


def _inside(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list | tuple) else ()
