"""What a search gathers on its way: files, what was left out and why, which patterns took part."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import repeat

from ccw.context.files.contain import allowed_roots, containing, printable
from ccw.context.files.listed import ListedFiles
from ccw.context.files.names import is_secret
from ccw.context.lines import merge_ranges
from ccw.context.scope import UNSEEN, FoundFile, Scope, Skipped, Stamp, stamp_of

Lines = tuple[int, int] | None
OUTPUT = "the output is written to it"
OUTSIDE = "leads outside the allowed folders (--include-dirs)"
MOST_OUTSIDE = 10  # folders that notes name
_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class Collector:
    """Takes each candidate once, by the path it is shown under."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.roots = allowed_roots(scope)
        self.project = os.path.realpath(scope.project)
        self._takers: dict[str, frozenset[int]] = {}
        self._listed: list[str] = []  # shown paths of files whose status nobody has asked for
        self._listed_takers: list[frozenset[int]] = []  # the patterns that took each of these
        self._listed_counts: Counter[frozenset[int]] | None = None  # of these, once counted
        self.excluding: set[int] = set()  # exclusions that left something out
        self._met: set[int] = set()
        self._below = f"{self.project.rstrip('/')}/"
        self._elsewhere: dict[str, str] = {}  # shown path -> real path, where that is known
        self._moved: dict[str, str] = {}  # the same of folders that are not where they are shown
        self._stamps: dict[str, Stamp] = {}  # of those whose status was taken
        self._skipped: dict[str, str] = {}
        self._notes: dict[str, None] = {}  # in the order of their first telling
        self._outside: dict[str, tuple[str, str]] = {}  # by what would have to be included
        self._real: dict[str, str] = {}

    def real(self, folder: str) -> str:
        """Return the real path of *folder*, asked of the system once."""
        known = self._real.get(folder)
        if known is None:
            known = self._real[folder] = os.path.realpath(folder)
        return known

    def shown(self, path: str) -> str:
        """Return the absolute *path* relative to the project."""
        if containing(path, [self.project]):
            return path[len(self.project) :].lstrip("/")
        return os.path.relpath(path, self.project)

    def skip(self, shown: str, reason: str, patterns: Iterable[int] = ()) -> None:
        """Leave out *shown*; the patterns that met it did match something."""
        self._skipped.setdefault(shown, reason)
        self._met.update(patterns)

    def skip_outside(
        self, shown: str, real: str, patterns: Iterable[int] = (), *, folder: bool = False
    ) -> None:
        """Leave out a symlink that leads to *real*; where that is, notes alone tell."""
        self.skip(shown, OUTSIDE, patterns)
        option = real if folder else os.path.dirname(real)
        self._outside.setdefault(option, (shown, real))

    def note(self, text: str) -> None:
        """Tell the user something that is no reason to leave a file out."""
        self._notes[text] = None

    def notes(self) -> list[str]:
        """Return what is to be told: each text once, of each folder outside one symlink."""
        told = [
            f"{printable(shown)} leads to {printable(real)}; add --include-dirs "
            f"{printable(option)} to allow it"
            for option, (shown, real) in list(self._outside.items())[:MOST_OUTSIDE]
        ]
        more = len(self._outside) - len(told)
        return [
            *self._notes,
            *told,
            *([f"symlinks lead to {more:,} other folders"] if more else []),
        ]

    def locate(self, shown: str, location: str) -> None:
        """Note where the folder *shown* really is, with all that is listed below it."""
        if os.path.join(location, "") != self._below + shown:
            self._moved[shown] = location

    def add_listed(
        self, shown: str, names: Sequence[str], takers: Sequence[frozenset[int]]
    ) -> None:
        """Take the regular files *names* of the folder *shown*, each by one of *takers*."""
        self._listed += [shown + name for name in names]
        self._listed_takers += takers
        self._listed_counts = None

    @property
    def takers(self) -> Mapping[str, frozenset[int]]:
        """The shown path of each file and the numbers of the patterns that took it."""
        if self._listed:
            self._settle()
        return self._takers

    def _settle(self) -> None:
        listed = dict(zip(self._listed, self._listed_takers, strict=True))
        if not self._takers and len(listed) == len(self._listed):
            self._takers = listed  # each of them met once, as in nearly all searches
        else:
            for path, taken in zip(self._listed, self._listed_takers, strict=True):
                known = self._takers.get(path)
                self._takers[path] = known | taken if known else taken
        self._listed.clear()
        self._listed_takers.clear()

    def inspect(self) -> None:
        """Take the status of what was only listed; leave out what is too large or unreadable."""
        locate = self._locating()
        for shown in [path for path in self.takers if path not in self._stamps]:
            location = locate(shown)
            try:
                status = os.lstat(location)
            except OSError as error:
                reason = f"cannot be read: {error.strerror}"
                self.skip(shown, reason, self._takers.pop(shown))
                continue
            if self._is_ordinary(status):
                self._stamps[shown] = stamp_of(status)
            else:
                self.add(shown, location, status, self._takers.pop(shown))

    def _is_ordinary(self, status: os.stat_result) -> bool:
        """Tell of most files that `add` would take them, without asking more of the system."""
        return (
            stat.S_ISREG(status.st_mode)
            and status.st_mode & stat.S_IROTH != 0
            and status.st_size <= self.scope.max_file_size
            and not self.scope.outputs
        )

    def add(
        self, shown: str, location: str, status: os.stat_result, patterns: frozenset[int]
    ) -> None:
        """Take a regular file at the real path *location*, unless it is too large or an output."""
        mode, outputs = status.st_mode, self.scope.outputs
        if outputs and (status.st_dev, status.st_ino) in outputs:
            self.skip(shown, OUTPUT, patterns)
        elif not stat.S_ISREG(mode):
            self.skip(shown, f"is {_kind(mode)}, not a regular file", patterns)
        elif status.st_size > self.scope.max_file_size:
            self.skip(shown, self._too_large(status.st_size), patterns)
        elif not (mode & stat.S_IROTH or os.access(location, os.R_OK)):
            self.skip(shown, "no permission to read it", patterns)
        else:
            known = self.takers.get(shown)
            self._takers[shown] = known | patterns if known else patterns
            self._elsewhere[shown] = location
            self._stamps[shown] = stamp_of(status)

    def add_link(self, shown: str, path: str, patterns: frozenset[int]) -> None:
        """Take what the symlink at *path* leads to, if that is a file in the allowed folders."""
        real = os.path.realpath(path)
        try:
            status = os.stat(real)
        except OSError:
            self.skip(shown, "a symlink that leads nowhere", patterns)
            return
        if stat.S_ISDIR(status.st_mode):
            return
        if containing(real, self.roots) is None:
            self.skip_outside(shown, real, patterns)
        elif is_secret(os.path.basename(real)) and not self.scope.allow_secrets:
            self.skip(shown, "a symlink to a file that may hold secrets", patterns)
        else:
            self.add(shown, real, status, patterns)

    def met(self) -> set[int]:
        """Return the numbers of the patterns that matched a file, taken or left out."""
        return self._met.union(*self._counted(), *set(self._takers.values()))

    def counts(self) -> Counter[frozenset[int]]:
        """Return how many files were taken by the same patterns."""
        return Counter(self.takers.values()) if self._takers else self._counted()

    def _counted(self) -> Counter[frozenset[int]]:
        if self._listed_counts is None:
            self._listed_counts = Counter(self._listed_takers)
        return self._listed_counts

    def files(self, lines: Sequence[Lines]) -> Sequence[FoundFile]:
        """Return the files sorted by the bytes of their paths; *lines* by pattern number."""
        if not (self._takers or self._moved or any(lines)):
            return ListedFiles(_by_bytes(self._listed), self._below) if self._listed else ()
        paths = _by_bytes(self.takers)
        stamps = map(self._stamps.get, paths, repeat(UNSEEN))
        ranges = (self._lines(lines, path) for path in paths) if any(lines) else repeat(())
        return tuple(map(FoundFile, paths, map(self._locating(), paths), stamps, ranges))

    def skipped(self) -> tuple[Skipped, ...]:
        """Return what was left out, sorted by path, without files that were taken after all."""
        if not self._skipped:
            return ()
        left_out = self._skipped.keys() - self._takers.keys()
        paths = _by_bytes(left_out.difference(self._listed))
        return tuple(Skipped(path, self._skipped[path]) for path in paths)

    def _locating(self) -> Callable[[str], str]:
        """Return what tells the real path of a shown one: mostly it is where it seems."""
        return self._location if self._elsewhere or self._moved else self._below.__add__

    def _location(self, shown: str) -> str:
        if known := self._elsewhere.get(shown):
            return known
        if folder := max(filter(shown.startswith, self._moved), key=len, default=""):
            return os.path.join(self._moved[folder], shown[len(folder) :])
        return self._below + shown

    def _lines(self, lines: Sequence[Lines], shown: str) -> tuple[tuple[int, int], ...]:
        return _merged([lines[number] for number in self._takers[shown]])

    def _too_large(self, size: int) -> str:
        bound = self.scope.max_file_size
        return f"larger than {bound:,} bytes: {size:,} (--max-file-size)"


def _merged(ranges: Sequence[Lines]) -> tuple[tuple[int, int], ...]:
    """Return the union of line ranges; one None among them means the whole file."""
    return () if None in ranges else merge_ranges(known for known in ranges if known is not None)


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "something else")


def _by_bytes(paths: Collection[str]) -> list[str]:
    """Sort *paths* by their bytes, which is the order of ASCII text."""
    return sorted(paths, key=None if "".join(paths).isascii() else os.fsencode)
