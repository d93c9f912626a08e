"""Regular expressions tested in time polynomial to a name's length, which no name can blow up.

Python's own matcher goes back over every choice, so that `+(a|aa)+(a|aa)b` or `*a*a*a*b` may keep
it busy for ever. Here each node of the parsed expression maps the places where the rest of it may
match to the places where it may itself begin: a set of places is one integer, a place one bit.
"""

from __future__ import annotations

import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any


class _Name:
    """A name as sets of places: where each character stands, and all places up to its end."""

    __slots__ = ("all", "chars", "end", "inner")

    def __init__(self, name: str) -> None:
        self.end = len(name)
        self.inner = (1 << self.end) - 1  # where some character stands
        self.all = self.inner | 1 << self.end
        self.chars: dict[str, int] = {}
        for place, char in enumerate(name):
            self.chars[char] = self.chars.get(char, 0) | 1 << place


Node = Callable[[_Name, int], int]  # a name, where the rest may begin -> where this may begin


def compile_bounded(expression: str) -> Callable[[str], bool]:
    """Return what tells whether a name matches the whole of *expression*; `.` is any character.

    No groups are remembered: back references are not allowed, atomic groups are plain ones.
    """
    root = _sequence(parser.parse(expression))

    def matches(text: str) -> bool:
        name = _Name(text)
        return bool(root(name, 1 << name.end) & 1)

    return matches


def _sequence(items: Iterable[tuple[Any, Any]]) -> Node:
    nodes = [_MAKERS[kind](argument) for kind, argument in items]
    if len(nodes) == 1:
        return nodes[0]
    nodes.reverse()

    def begins(name: _Name, rest: int) -> int:
        for node in nodes:
            if not rest:
                break
            rest = node(name, rest)
        return rest

    return begins


def _branch(argument: tuple[None, list[Any]]) -> Node:
    nodes = [_sequence(items) for items in argument[1]]
    return lambda name, rest: reduce(lambda found, node: found | node(name, rest), nodes, 0)


def _repeat(argument: tuple[int, int, Any]) -> Node:
    least, most, items = argument
    node, endless = _sequence(items), most == op.MAXREPEAT

    def begins(name: _Name, rest: int) -> int:
        for _ in range(least):
            rest = node(name, rest) if rest else 0
        found = new = rest
        count = least
        while new and (endless or count < most):
            new = node(name, new) & ~found
            found |= new
            count += 1
        return found

    return begins


def _literal(code: int) -> Node:
    char = chr(code)
    return lambda name, rest: rest >> 1 & name.chars.get(char, 0)


def _not_literal(code: int) -> Node:
    char = chr(code)
    return lambda name, rest: rest >> 1 & name.inner & ~name.chars.get(char, 0)


def _any(_: None) -> Node:
    return lambda name, rest: rest >> 1 & name.inner


def _class(members: list[tuple[Any, Any]]) -> Node:
    """A character class; its single characters are looked up, its ranges asked."""
    negated = members[0][0] is op.NEGATE
    chars = [chr(code) for kind, code in members if kind is op.LITERAL]
    ranges = [bounds for kind, bounds in members if kind is op.RANGE]
    if len(chars) + len(ranges) + negated != len(members):
        raise ValueError(f"a character class with {members}")

    def begins(name: _Name, rest: int) -> int:
        places = 0
        for char in chars:
            places |= name.chars.get(char, 0)
        if ranges:
            for char, where in name.chars.items():
                if any(first <= ord(char) <= last for first, last in ranges):
                    places |= where
        return rest >> 1 & (name.inner & ~places if negated else places)

    return begins


def _group(argument: tuple[Any, int, int, Any]) -> Node:
    return _sequence(argument[3])


def _ahead(argument: tuple[int, Any]) -> Node:
    found = _looked_at(argument)
    return lambda name, rest: rest & found(name)


def _not_ahead(argument: tuple[int, Any]) -> Node:
    found = _looked_at(argument)
    return lambda name, rest: rest & ~found(name)


def _looked_at(argument: tuple[int, Any]) -> Callable[[_Name], int]:
    """Return the places before (or with -1 behind) which the items of an assertion match."""
    direction, items = argument
    node = _sequence(items)
    if direction > 0:
        return lambda name: node(name, name.all)
    width = items.getwidth()[0]
    return lambda name: node(name, name.all) << width & name.all


def _at(where: Any) -> Node:
    if where is op.AT_BEGINNING:
        return lambda _, rest: rest & 1
    if where is not op.AT_END:
        raise ValueError(f"an expression with {where}")
    return lambda name, rest: rest & (1 << name.end | _before_last_line_end(name))


def _before_last_line_end(name: _Name) -> int:
    """`$` also holds before a line end that ends the name."""
    last = name.inner & ~(name.inner >> 1)
    return last & name.chars.get("\n", 0)


_MAKERS: dict[Any, Callable[[Any], Node]] = {
    op.ANY: _any,
    op.ASSERT: _ahead,
    op.ASSERT_NOT: _not_ahead,
    op.AT: _at,
    op.ATOMIC_GROUP: _sequence,
    op.BRANCH: _branch,
    op.FAILURE: lambda _: lambda _name, _rest: 0,
    op.IN: _class,
    op.LITERAL: _literal,
    op.MAX_REPEAT: _repeat,
    op.MIN_REPEAT: _repeat,
    op.NOT_LITERAL: _not_literal,
    op.SUBPATTERN: _group,
}
