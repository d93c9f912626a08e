"""The last parts of many globs at once: which of them take the name of a file.

Most names are decided by their extension alone, others by what they start with; only the rest
meets matchers, and of these only those that could take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ccw.context.files.globs import NameMatcher, ending_of, start_of, suffix_of
from ccw.context.files.names import may_be_left_out

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
    of a visible name. Else `by_extension` decides, unless it has None or the name begins with one
    of `starts`: then `patterns_of`, and whether it is a name that is left out. `hidden`: names
    with a leading dot may be taken, too.
    """

    __slots__ = (
        "_general",
        "_kinds",
        "_names",
        "by_extension",
        "endings",
        "hidden",
        "only",
        "starts",
    )

    def __init__(self, finals: Sequence[Final]) -> None:
        self._names: dict[str, frozenset[int]] = {}
        for final in finals:
            if final.literal is not None:
                known = self._names.get(final.literal, frozenset())
                self._names[final.literal] = known | {final.pattern}
        globs = [final for final in finals if final.literal is None]
        general, groups = _grouped(globs)
        self._general = _Kind(general)
        self._kinds = {extension: _Kind(some, extension) for extension, some in groups.items()}
        takers = frozenset(final.pattern for final in finals)
        self.only = takers if len(takers) == 1 else None
        self.endings = _endings(globs) if self.only and not self._names else None
        self.starts = tuple(self._general.asked) if len(self._general.asked) <= FEW else ("",)
        self.by_extension = _ByExtension(self._general, self._kinds, self._names)
        self.hidden = any(name[0] == "." for name in self._names) or any(
            _meets_dots(final.part) for final in globs
        )

    def patterns_of(self, name: str) -> frozenset[int]:
        """Return the numbers of the patterns that take a file *name*."""
        found = set(self._general.taking(name)) | self._names.get(name, frozenset())
        kind = self._kinds.get(name[name.rfind(".") :])
        return frozenset(found.union(kind.taking(name)) if kind else found)


class _Kind:
    """Parts that take names of one extension, or of any: `always`, or asked by how they start."""

    __slots__ = ("_lengths", "always", "asked")

    def __init__(self, finals: Sequence[Final], extension: str = "") -> None:
        everything = {"", extension}
        asked = [f for f in finals if f.matches and suffix_of(f.part) not in everything]
        self.always = frozenset(final.pattern for final in finals if final not in asked)
        self.asked: dict[str, list[tuple[NameMatcher, int]]] = {}
        for final in asked:
            if final.matches is not None:
                group = self.asked.setdefault(start_of(final.part), [])
                group.append((final.matches, final.pattern))
        self._lengths = tuple(sorted(set(map(len, self.asked))))

    def taking(self, name: str) -> frozenset[int]:
        """Return the numbers of the patterns that take *name*, which has the right extension."""
        found = self.always if name[0] != "." else frozenset()
        for length in self._lengths:
            asked = self.asked.get(name[:length], ())
            found = found.union([pattern for matches, pattern in asked if matches(name)])
        return found


class _ByExtension(dict[str, frozenset[int] | None]):
    """From what follows the last dot on to the patterns that take all such names, once asked for.

    None: the name has to be looked at. Keys are made by `name[name.rfind("."):]`, which for names
    without a dot is their last character.
    """

    def __init__(
        self, general: _Kind, kinds: dict[str, _Kind], names: dict[str, frozenset[int]]
    ) -> None:
        super().__init__()
        self._general = general
        self._kinds = kinds
        self._named = {name[name.rfind(".") :] for name in names}

    def __missing__(self, extension: str) -> frozenset[int] | None:
        kind = self._kinds.get(extension)
        if extension in self._named or may_be_left_out(extension) or (kind and kind.asked):
            self[extension] = None
        else:
            self[extension] = self._general.always | (kind.always if kind else frozenset())
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
