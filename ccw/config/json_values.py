"""What JSON can hold and every part of ccw can walk: bounded in depth, no number without end."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

MAX_DEPTH = 64
MAX_DEPTH_OF_FILE = 2 * MAX_DEPTH  # what an edit may hold stands some levels down in the file


def json_problem(data: Any, max_depth: int = MAX_DEPTH) -> str | None:
    """Return what is wrong with *data*, parsed from JSON, as the end of a sentence, else None."""
    level = [data]
    for _ in range(max_depth + 1):
        if any(isinstance(item, float) and not isfinite(item) for item in level):
            return "holds a number that is not finite"
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return None
    return f"is nested more than {max_depth} deep"


def _inside(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list | tuple) else ()
