"""The last parts of many globs at once: which of them take the name of a file.

Most names are refused by what they end in; the rest are sorted by their extension, so that each
meets only the matchers that could take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ccw.context.files.globs import NameMatcher, ending_of, start_of, suffix_of
from ccw.context.files.names import may_be_left_out

GLOBSTAR = "**"
FEW = 4  # endings that are compared faster one by one than by looking the extension up


class Final(NamedTuple):
    """The last part of a glob and its pattern's number; `literal` is the one name it stands for."""

    pattern: int
    part: str
    literal: str | None
    matches: NameMatcher | None  # None for a literal and for `**`


class Sieve(NamedTuple):
    """Which visible names may be taken; those refused are certainly not.

    `endings`, if given, is the whole test; else one of `extensions` (from the last dot on), the
    `names` or `starts`, or what `other` lets pass. `hidden`: names with a leading dot may be,
    too; `guarded`: names may be taken that are left out for being secrets or compiled.
    """

    endings: tuple[str, ...] | None
    extensions: frozenset[str]
    names: frozenset[str]
    starts: tuple[str, ...]
    other: NameMatcher | None
    hidden: bool
    guarded: bool


class Finals:
    """Answers for the names of the files in one folder."""

    __slots__ = ("_kinds", "_names", "_other", "sieve")

    def __init__(self, finals: Sequence[Final]) -> None:
        self._names: dict[str, frozenset[int]] = {}
        for final in finals:
            if final.literal is not None:
                known = self._names.get(final.literal, frozenset())
                self._names[final.literal] = known | {final.pattern}
        globs = [final for final in finals if final.literal is None]
        general, by_extension = _by_extension(globs)
        self._other = _Kind(general)
        self._kinds = {
            extension: _Kind([*general, *some], extension)
            for extension, some in by_extension.items()
        }
        self.sieve = _sieve(globs, self._other, frozenset(self._kinds), frozenset(self._names))

    def patterns_of(self, name: str) -> frozenset[int]:
        """Return the numbers of the patterns that take a file *name*."""
        kind = self._kinds.get(name[name.rfind(".") :], self._other)
        found = kind.always if name[0] != "." else frozenset()
        for length in kind.lengths:
            asked = kind.asked.get(name[:length], ())
            found = found.union([pattern for matches, pattern in asked if matches(name)])
        named = self._names.get(name)
        return found | named if named else found


class _Kind:
    """What takes the names of one extension: `always`, and by their start what must be asked."""

    __slots__ = ("always", "asked", "lengths")

    def __init__(self, finals: Sequence[Final], extension: str = "") -> None:
        self.always = frozenset(f.pattern for f in finals if _says_all(f, extension))
        self.asked: dict[str, list[tuple[NameMatcher, int]]] = {}
        for final in finals:
            if final.matches is not None and not _says_all(final, extension):
                asked = self.asked.setdefault(start_of(final.part), [])
                asked.append((final.matches, final.pattern))
        self.lengths = tuple(sorted(set(map(len, self.asked))))

    def may_take(self, name: str) -> bool:
        """Tell whether there is anything to ask about *name*."""
        return any(name[:length] in self.asked for length in self.lengths)


def _says_all(final: Final, extension: str) -> bool:
    return final.matches is None or suffix_of(final.part) in ("", extension)


def _by_extension(globs: Sequence[Final]) -> tuple[list[Final], dict[str, list[Final]]]:
    """Part *globs* into those for names of any extension, and the others by theirs."""
    general: list[Final] = []
    groups: dict[str, list[Final]] = {}
    for final in globs:
        ending = ending_of(final.part)
        dot = ending.rfind(".")
        group = general if dot < 0 else groups.setdefault(ending[dot:], [])
        group.append(final)
    return general, groups


def _sieve(
    globs: Sequence[Final], general: _Kind, extensions: frozenset[str], names: frozenset[str]
) -> Sieve:
    endings = _endings(globs, names)
    few = "" not in general.asked and len(general.asked) <= FEW
    return Sieve(
        endings=("",) if general.always else endings,
        extensions=extensions,
        names=names,
        starts=tuple(general.asked) if few else (),
        other=None if few else general.may_take,
        hidden=any(name[0] == "." for name in names) or any(_meets_dots(f.part) for f in globs),
        guarded=endings is None or any(map(may_be_left_out, endings)),
    )


def _endings(globs: Sequence[Final], names: frozenset[str]) -> tuple[str, ...] | None:
    """Return what the names that matter end in, if that says it all and is quick to test."""
    endings = [suffix for final in globs if (suffix := suffix_of(final.part)) is not None]
    return tuple(endings) if len(endings) == len(globs) <= FEW and not names else None


def _meets_dots(part: str) -> bool:
    """Tell whether *part* may match a leading dot."""
    return part[0] == "." or not {"[", "(", "\\"}.isdisjoint(part)
