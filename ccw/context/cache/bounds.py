"""How large a shared cache may be: the largest bound of the projects seen lately counts; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

BOUND_DAYS = 30  # a project that did not come for so long has no say in the bound any more
TOO_LARGE = 2**63  # for a number in SQLite


class ProjectBound(NamedTuple):
    """The bound of a project in bytes, and when that was seen last, in days since 1970."""

    max_bytes: int
    day: int


Bounds = dict[str, ProjectBound]


def bounds_in(text: object) -> Bounds:
    """Return the bounds in *text* by their projects; none where it is not ccw's."""
    try:
        pairs = json.loads(text) if isinstance(text, str) else {}
        found = {project: ProjectBound(*map(int, pair)) for project, pair in pairs.items()}
    except (TypeError, ValueError, AttributeError, OverflowError):
        return {}
    return found if all(bound.max_bytes < TOO_LARGE for bound in found.values()) else {}


def with_bound(bounds: Bounds, project: str, bound: ProjectBound) -> Bounds:
    """Return *bounds* with that of *project*, without those that were not seen for long."""
    lately = {name: known for name, known in bounds.items() if bound.day - known.day < BOUND_DAYS}
    return {**lately, project: bound}


def largest(bounds: Iterable[ProjectBound]) -> int:
    """Return the largest of *bounds* in bytes, 0 if there is none."""
    return max((bound.max_bytes for bound in bounds), default=0)
