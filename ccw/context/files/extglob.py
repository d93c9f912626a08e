"""Extended groups in time polynomial to a name's length, where an expression could take for ever.

Only for names without a leading dot and parts without `!(…)`, where wcmatch's meaning is plain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Step = Callable[[str, set[int]], set[int]]  # a name, where we may stand -> where we may stand next


def compile_part(part: str, class_end: Callable[[str, int], int]) -> Callable[[str], bool]:
    """Return what tells whether a name matches *part*, whose groups and classes are closed."""
    steps, _ = _sequence(_Source(part, class_end), 0, inside=False)

    def matches(name: str) -> bool:
        ends = _through(steps, name, {0})
        return len(name) in ends

    return matches


@dataclass(frozen=True, slots=True)
class _Source:
    part: str
    class_end: Callable[[str, int], int]  # where a class ends, -1 for none


def _through(steps: list[Step], name: str, places: set[int]) -> set[int]:
    for step in steps:
        if not places:
            break
        places = step(name, places)
    return places


def _sequence(source: _Source, position: int, *, inside: bool) -> tuple[list[Step], int]:
    """Read steps up to the end, or *inside* a group up to its next `|` or its end."""
    steps: list[Step] = []
    part = source.part
    while position < len(part) and not (inside and part[position] in "|)"):
        step, position = _step(source, position)
        steps.append(step)
    return steps, position


def _step(source: _Source, position: int) -> tuple[Step, int]:
    part, char = source.part, source.part[position]
    if char in "@?*+" and part[position + 1 : position + 2] == "(":
        return _group(source, position)
    if char == "*":
        return _star, position + 1
    if char == "?":
        return _one_of(lambda _: True), position + 1
    end = source.class_end(part, position) if char == "[" else -1
    if end > 0:
        return _one_of(_class(part[position:end])), end
    if char == "\\" and position + 1 < len(part):
        return _literal(part[position + 1]), position + 2
    return _literal(char), position + 1


def _group(source: _Source, position: int) -> tuple[Step, int]:
    kind = source.part[position]
    position += 1  # at the bracket; each alternative starts after it or after a `|`
    alternatives: list[list[Step]] = []
    while source.part[position] != ")":
        steps, position = _sequence(source, position + 1, inside=True)
        alternatives.append(steps)

    def once(name: str, places: set[int]) -> set[int]:
        return {end for steps in alternatives for end in _through(steps, name, places)}

    def repeated(name: str, places: set[int]) -> set[int]:
        return _closure(once, name, places if kind == "*" else once(name, places))

    if kind == "?":
        return lambda name, places: places | once(name, places), position + 1
    return (once if kind == "@" else repeated), position + 1


def _closure(once: Step, name: str, places: set[int]) -> set[int]:
    reached, new = set(places), places
    while new:
        new = once(name, new) - reached
        reached |= new
    return reached


def _star(name: str, places: set[int]) -> set[int]:
    return set(range(min(places), len(name) + 1))


def _literal(wanted: str) -> Step:
    return _one_of(lambda char: char == wanted)


def _one_of(accepts: Callable[[str], bool]) -> Step:
    def step(name: str, places: set[int]) -> set[int]:
        return {place + 1 for place in places if place < len(name) and accepts(name[place])}

    return step


def _class(text: str) -> Callable[[str], bool]:
    from wcmatch import glob

    # after another character: at the start of a name a class never matches a dot
    included, _ = glob.translate(f"x{text}", flags=glob.CASE)
    match = re.compile(included[0]).fullmatch
    return lambda char: match(f"x{char}") is not None
