"""A quick test of names that no ignore rule can match, which are nearly all names.

The rules of a folder are sorted by what they certainly ask of a name: to be one of a few, to have
an extension, to start in a way; a regular expression remains for what has none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ccw.context.files.rules import Rule, as_bytes_text
from ccw.context.files.wildmatch import SPECIAL, translate

_ANYTHING = ""


class _Shapes(NamedTuple):
    """What wildmatch patterns ask of a name; `search` is for those that ask for none of these."""

    exact: frozenset[str]
    ended: frozenset[str]
    starts: tuple[str, ...]
    search: Callable[[str], object] | None


def rough_test(rules: Sequence[Rule]) -> Callable[[str], bool]:
    """Return what tells of a name whether any of *rules* may match it."""
    names = {rule.name for rule in rules if rule.name is not None}
    suffixes = {rule.suffix for rule in rules if rule.suffix is not None}
    lasts = frozenset(rule.last for rule in rules if rule.name is None and rule.suffix is None)
    if _ANYTHING in lasts:
        return lambda _name: True
    exact, ended, starts, search = _shapes(lasts)
    names |= exact
    suffixes |= ended
    extensions = {suffix for suffix in suffixes if suffix.rfind(".") == 0}
    endings = tuple(suffixes - extensions)

    def may_match(name: str) -> bool:  # asked for all names there are: a call more would cost
        return (
            name[name.rfind(".") :] in extensions
            or name in names
            or name.startswith(starts)
            or name.endswith(endings)
            or (search is not None and search(as_bytes_text(name)) is not None)
        )

    return may_match


@lru_cache(maxsize=256)  # folders below one another have mostly the same rules
def _shapes(lasts: frozenset[str]) -> _Shapes:
    plain = {last for last in lasts if last.isascii()}  # the others are text of bytes
    exact = {last for last in plain if _is_plain(last)}
    ended = {last for last in plain if last[0] == "*" and _is_plain(last[1:])}
    begun = {last for last in plain if last[-1] == "*" and _is_plain(last[:-1])}
    others = lasts - exact - ended - begun
    return _Shapes(
        frozenset(exact),
        frozenset(last[1:] for last in ended),
        tuple(last[:-1] for last in begun),
        re.compile("|".join(map(translate, others)), re.DOTALL).fullmatch if others else None,
    )


def _is_plain(text: str) -> bool:
    return SPECIAL.isdisjoint(text)
