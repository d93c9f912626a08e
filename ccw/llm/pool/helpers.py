"""The objects by which a Router hears of calls, kept in litellm's lists for as long as it lives.

litellm takes two objects of one class for the same and drops the second; a second Router would
then learn nothing of its calls, and would lose its limits with the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

LISTS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
)
DEPTH = 3  # a strategy of a group is two dicts deep in the Router's attributes


def add_helpers(litellm: Any, router: Any) -> None:
    """Tell the helpers of *router* from others, and put those that were dropped into the lists."""
    for helper in _helpers(litellm, router):
        helper.ccw_pool = str(id(router))  # litellm compares classes and such plain attributes
        for name in LISTS[:2]:  # it copies them into the others itself
            there = getattr(litellm, name)
            same = any(type(other) is type(helper) for other in there)
            if same and not _holds(there, helper):
                there.append(helper)


def remove_helpers(litellm: Any, router: Any) -> None:
    """Take the *router* and its helpers out of all lists."""
    router.discard()
    helpers = _helpers(litellm, router)
    for name in LISTS:
        there = getattr(litellm, name)
        there[:] = [item for item in there if not _holds(helpers, item)]


def _helpers(litellm: Any, router: Any) -> list[Any]:
    kind = litellm.integrations.custom_logger.CustomLogger
    return [item for item in _flat(vars(router), DEPTH) if isinstance(item, kind)]


def _flat(value: Any, depth: int) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield value
    if depth:
        for item in inner:
            yield from _flat(item, depth - 1)


def _holds(items: Iterable[Any], wanted: Any) -> bool:
    return any(item is wanted for item in items)
