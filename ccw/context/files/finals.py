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
FEW = 4  # endings or starts that are compared faster one by one than looked up


class Final(NamedTuple):
    """The last part of a glob and its pattern's number; `literal` is the one name it stands for."""

    pattern: int
    part: str
    literal: str | None
    matches: NameMatcher | None  # None for a literal and for `**`


class Finals:
    """Answers for the names of the files in one folder.

    `only` is the pattern of all parts if it is one; `endings`, if given, is then the whole test
    of a visible name. Else `by_extension` decides, unless it has None, the name begins with one of
    `starts`, is one of `names` or has no dot: then `by_name` does. `hidden`: names with a leading
    dot may be taken, too.
    """

    __slots__ = ("by_extension", "by_name", "endings", "hidden", "names", "only", "starts")

    def __init__(self, finals: Sequence[Final]) -> None:
        globs = [final for final in finals if final.literal is None]
        general, groups = _grouped(globs)
        kinds = {extension: _Kind(some, extension) for extension, some in groups.items()}
        self.by_name = _ByName(finals, _Kind(general), kinds)
        self.by_extension = _ByExtension(self.by_name)
        self.names = frozenset(self.by_name.literal)
        starts = tuple(self.by_name.general.asked)
        self.starts = starts if len(starts) <= FEW else ("",)
        takers = frozenset(final.pattern for final in finals)
        self.only = takers if len(takers) == 1 else None
        self.endings = _endings(globs) if self.only and not self.names else None
        self.hidden = any(name[0] == "." for name in self.names) or any(
            _meets_dots(final.part) for final in globs
        )

    def answer(self, name: str, extension: str | None) -> frozenset[int]:
        """Return the patterns that take *name*, whose *extension* says it for most names."""
        if extension is None or name in self.names or name.startswith(self.starts):
            return self.by_name[name]
        taken = self.by_extension[extension]
        return self.by_name[name] if taken is None else taken


class _Kind:
    """Parts that take names of one extension, or of any: `always`, or asked by how they start."""

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

    `left_out` are those met that secrets or compiled files have.
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
        kind = self.kinds.get(name[name.rfind(".") :])
        found = [*self.general.taking(name), *self.literal.get(name, ())]
        if kind is not None:
            found += kind.taking(name)
        if name[0] != ".":
            found += [*self.general.always, *(kind.always if kind else ())]
        if found and is_left_out(name):
            self.left_out.add(name)
        self[name] = frozenset(found)
        return self[name]


class _ByExtension(dict[str, frozenset[int] | None]):
    """From what follows the last dot to the patterns that take all such names, once asked for.

    None: the name itself has to be looked at.
    """

    def __init__(self, by_name: _ByName) -> None:
        super().__init__()
        self._by_name = by_name

    def __missing__(self, extension: str) -> frozenset[int] | None:
        kind = self._by_name.kinds.get(f".{extension}")
        if may_be_left_out(f".{extension}") or (kind and kind.asked):
            self[extension] = None
        else:
            always = self._by_name.general.always
            self[extension] = always | kind.always if kind else always
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


def _endings(globs: Sequence[Final]) -> tuple[str, ...] | None:
    """Return what the names that matter end in, if that says it all and is quick to test."""
    endings = ["" if final.matches is None else suffix_of(final.part) for final in globs]
    known = [ending for ending in endings if ending is not None]
    if len(known) < len(endings) or len(known) > FEW or any(map(may_be_left_out, known)):
        return None
    return tuple(known)


def _meets_dots(part: str) -> bool:
    """Tell whether *part* may match a leading dot."""
    return part[0] == "." or not {"[", "(", "\\"}.isdisjoint(part)
