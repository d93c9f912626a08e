"""The last parts of many globs at once: which of them take the name of a file.

Most names are decided by their extension alone, others by what they start with; only the rest
meets matchers, and of these only those that could take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ccw.context.files.globs import NameMatcher, ending_of, start_of, suffix_of
from ccw.context.files.names import is_left_out, may_be_left_out

GLOBSTAR = "**"
FEW = 4  # endings that are compared faster one by one than looked up

# The patterns that take all names of an extension but those that begin with one of the letters;
# these names, and all if there are None, have to be looked at themselves.
Answer = tuple[frozenset[int] | None, str]
UNDECIDED: Answer = (None, "")


class Final(NamedTuple):
    """The last part of a glob and its pattern's number; `literal` is the one name it stands for."""

    pattern: int
    part: str
    literal: str | None
    matches: NameMatcher | None  # None for a literal and for `**`


class Finals:
    """Answers for the names of the files in one folder.

    `takers` are the patterns of all parts; where there is one, `endings`, if any, are the whole
    test of a visible name. Else `by_extension` decides, or says when `by_name` does, as it does
    for names without a dot. `hidden`: names with a leading dot may be taken, too.
    """

    __slots__ = ("by_extension", "by_name", "endings", "hidden", "takers")

    def __init__(self, finals: Sequence[Final]) -> None:
        globs = [final for final in finals if final.literal is None]
        general, groups = _grouped(globs)
        kinds = {end: _Kind([*general, *some], end) for end, some in groups.items()}
        self.by_name = _ByName(finals, _Kind(general), kinds)
        self.by_extension = _ByExtension(self.by_name)
        self.takers = frozenset(final.pattern for final in finals)
        names = self.by_name.literal
        self.endings = _endings(globs) if len(self.takers) == 1 and not names else ()
        self.hidden = any(name[0] == "." for name in names) or any(
            _meets_dots(final.part) for final in globs
        )


class _Kind:
    """Parts that may take names of one extension: `always`, or asked by how they start."""

    __slots__ = ("_lengths", "always", "asked")

    def __init__(self, finals: Sequence[Final], extension: str = "") -> None:
        everything = {"", extension}
        asked = [f for f in finals if f.matches and suffix_of(f.part) not in everything]
        self.always = frozenset(f.pattern for f in finals if f not in asked)
        self.asked: dict[str, list[tuple[NameMatcher, int]]] = {}
        for final in asked:
            if final.matches is not None:
                group = self.asked.setdefault(start_of(final.part), [])
                group.append((final.matches, final.pattern))
        self._lengths = tuple(sorted(set(map(len, self.asked))))

    def taking(self, name: str) -> list[int]:
        """Return the numbers of the patterns that take *name* if they are asked."""
        found: list[int] = []
        for length in self._lengths:
            if asked := self.asked.get(name[:length]):
                found += [pattern for matches, pattern in asked if matches(name)]
        return found


class _ByName(dict[str, frozenset[int]]):
    """From a name to the patterns that take it; names come back in folder after folder.

    `kinds` are for the names of an extension, `general` for all others; `left_out` are names met
    that secrets or compiled files have.
    """

    def __init__(self, finals: Sequence[Final], general: _Kind, kinds: dict[str, _Kind]) -> None:
        super().__init__()
        self.general = general
        self.kinds = kinds
        self.left_out: set[str] = set()
        self.literal: dict[str, list[int]] = {}
        for final in finals:
            if final.literal is not None:
                self.literal.setdefault(final.literal, []).append(final.pattern)

    def __missing__(self, name: str) -> frozenset[int]:
        kind = self.kinds.get(name[name.rfind(".") :], self.general)
        asked = [*kind.taking(name), *self.literal.get(name, ())]
        always = kind.always if name[0] != "." else frozenset()
        self[name] = takers = always.union(asked) if asked else always
        if takers and is_left_out(name):
            self.left_out.add(name)
        return takers


class _ByExtension(dict[str, Answer]):
    """From what follows the last dot to what that says of a name, once asked for."""

    def __init__(self, by_name: _ByName) -> None:
        super().__init__()
        self._by_name = by_name

    def __missing__(self, extension: str) -> Answer:
        ending = f".{extension}"
        kind = self._by_name.kinds.get(ending, self._by_name.general)
        names = (name for name in self._by_name.literal if name.endswith(ending))
        starts = {*names, *kind.asked}
        if "" in starts or may_be_left_out(ending):
            self[extension] = UNDECIDED
        else:
            firsts = {".", *(start[0] for start in starts)}
            self[extension] = (kind.always, "".join(firsts))
        return self[extension]


def _grouped(globs: Sequence[Final]) -> tuple[list[Final], dict[str, list[Final]]]:
    """Part *globs* into those for names of any extension, and the others by theirs."""
    general: list[Final] = []
    groups: dict[str, list[Final]] = {}
    for final in globs:
        ending = ending_of(final.part)
        dot = ending.rfind(".")
        group = general if dot < 0 else groups.setdefault(ending[dot:], [])
        group.append(final)
    return general, groups


def _endings(globs: Sequence[Final]) -> tuple[str, ...]:
    """Return what the names that matter end in, if that says it all and is quick to test."""
    endings = ["" if final.matches is None else suffix_of(final.part) for final in globs]
    known = [ending for ending in endings if ending is not None]
    if len(known) < len(endings) or len(known) > FEW or any(map(may_be_left_out, known)):
        return ()
    return tuple(known)


def _meets_dots(part: str) -> bool:
    """Tell whether *part* may match a leading dot."""
    return part[0] == "." or not {"[", "(", "\\"}.isdisjoint(part)
