"""What a search gathers on its way: files, what was left out and why, which patterns took part."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from ccw.context.files.contain import allowed_roots, containing, printable
from ccw.context.files.listed import ListedFiles
from ccw.context.files.names import is_secret
from ccw.context.lines import merge_ranges
from ccw.context.scope import UNSEEN, FoundFile, Scope, Skipped, Stamp

Lines = tuple[int, int] | None
_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class _Listed(NamedTuple):
    """Regular files of one folder, all or each taken by `takers`."""

    shown: str
    location: str
    names: Sequence[str]
    takers: frozenset[int] | Sequence[frozenset[int]]

    def each_takers(self) -> Iterable[frozenset[int]]:
        return repeat(self.takers) if isinstance(self.takers, frozenset) else self.takers


class Collector:
    """Takes each candidate once, by the path it is shown under."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.roots = allowed_roots(scope)
        self.project = os.path.realpath(scope.project)
        self._takers: dict[str, frozenset[int]] = {}
        self._listed: list[_Listed] = []
        self._alike: Counter[frozenset[int]] = Counter()  # listed files of folders with one taker
        self._several: list[Sequence[frozenset[int]]] = []  # takers of the other listed files
        self.excluding: set[int] = set()  # exclusions that left something out
        self._met: set[int] = set()
        self._below = f"{self.project.rstrip('/')}/"
        self._elsewhere: dict[str, str] = {}  # shown path -> real path, where that is another one
        self._stamps: dict[str, Stamp] = {}  # of those whose status was taken
        self._skipped: dict[str, str] = {}
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

    def add_listed(
        self,
        shown: str,
        location: str,
        names: Sequence[str],
        takers: frozenset[int] | Sequence[frozenset[int]],
    ) -> None:
        """Take the regular files *names* of one folder, all or each by *takers*; ask no more.

        *shown* is the path of the folder as shown, ending in `/`, *location* its real one.
        """
        self._listed.append(_Listed(shown, location, names, takers))
        if isinstance(takers, frozenset):
            self._alike[takers] += len(names)
        else:
            self._several.append(takers)

    @property
    def takers(self) -> Mapping[str, frozenset[int]]:
        """The shown path of each file and the numbers of the patterns that took it."""
        for folder in self._listed:
            self._settle(folder)
        self._listed.clear()
        return self._takers

    def _settle(self, folder: _Listed) -> None:
        for name, taken in zip(folder.names, folder.each_takers(), strict=False):
            path = folder.shown + name
            known = self._takers.get(path)
            self._takers[path] = known | taken if known else taken
            if not self._is_below(folder):
                self._elsewhere[path] = os.path.join(folder.location, name)

    def _is_below(self, folder: _Listed) -> bool:
        return f"{folder.location}/" == self._below + folder.shown

    def inspect(self) -> None:
        """Take the status of what was only listed; leave out what is too large or unreadable."""
        for shown in self.takers.keys() - self._stamps.keys():
            patterns, location = self._takers.pop(shown), self._location(shown)
            try:
                self.add(shown, location, os.lstat(location), patterns)
            except OSError as error:
                self.skip(shown, f"cannot be read: {error.strerror}", patterns)

    def add(
        self, shown: str, location: str, status: os.stat_result, patterns: frozenset[int]
    ) -> None:
        """Take a regular file that lies at the real path *location*, unless it is too large."""
        mode = status.st_mode
        if not stat.S_ISREG(mode):
            self.skip(shown, f"is {_kind(mode)}, not a regular file", patterns)
        elif status.st_size > self.scope.max_file_size:
            self.skip(shown, self._too_large(status.st_size), patterns)
        elif not (mode & stat.S_IROTH or os.access(location, os.R_OK)):
            self.skip(shown, "no permission to read it", patterns)
        else:
            known = self.takers.get(shown)
            self._takers[shown] = known | patterns if known else patterns
            self._elsewhere[shown] = location
            self._stamps[shown] = Stamp(
                status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
            )

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
            self.skip(shown, outside(real), patterns)
        elif is_secret(os.path.basename(real)) and not self.scope.allow_secrets:
            self.skip(shown, "a symlink to a file that may hold secrets", patterns)
        else:
            self.add(shown, real, status, patterns)

    def met(self) -> set[int]:
        """Return the numbers of the patterns that matched a file, taken or left out."""
        listed = chain(self._alike, chain.from_iterable(self._several))
        return self._met.union(*set(listed), *set(self._takers.values()))

    def counts(self) -> Counter[frozenset[int]]:
        """Return how many files were taken by the same patterns."""
        if self._takers:
            return Counter(self.takers.values())
        counts = Counter(chain.from_iterable(self._several))
        counts.update(self._alike)
        return counts

    def files(self, lines: Sequence[Lines]) -> Sequence[FoundFile]:
        """Return the files sorted by the bytes of their paths; *lines* by pattern number."""
        if not (self._takers or any(lines)) and all(map(self._is_below, self._listed)):
            paths = [shown + name for shown, _, names, _ in self._listed for name in names]
            return ListedFiles(_by_bytes(paths), self._below) if paths else ()
        paths = _by_bytes(self.takers)
        return tuple(
            FoundFile(
                path, self._location(path), self._stamps.get(path, UNSEEN), self._lines(lines, path)
            )
            for path in paths
        )

    def skipped(self) -> tuple[Skipped, ...]:
        """Return what was left out, sorted by path, without files that were taken after all."""
        if not self._skipped:
            return ()
        folders = {path[: path.rfind("/") + 1] for path in self._skipped}
        listed = [folder for folder in self._listed if folder.shown in folders]
        taken = {folder.shown + name for folder in listed for name in folder.names}
        paths = _by_bytes(self._skipped.keys() - self._takers.keys() - taken)
        return tuple(Skipped(path, self._skipped[path]) for path in paths)

    def _location(self, shown: str) -> str:
        return self._elsewhere.get(shown) or self._below + shown

    def _lines(self, lines: Sequence[Lines], shown: str) -> tuple[tuple[int, int], ...]:
        return _merged([lines[number] for number in self._takers[shown]]) if any(lines) else ()

    def _too_large(self, size: int) -> str:
        bound = self.scope.max_file_size
        return f"larger than {bound:,} bytes: {size:,} (--max-file-size)"


def outside(real: str, *, folder: bool = False) -> str:
    """Say why a path that a glob met is left out."""
    option = real if folder else os.path.dirname(real)
    return (
        f"leads to {printable(real)}, outside the allowed folders "
        f"(--include-dirs {printable(option)})"
    )


def _merged(ranges: Sequence[Lines]) -> tuple[tuple[int, int], ...]:
    """Return the union of line ranges; one None among them means the whole file."""
    return () if None in ranges else merge_ranges(known for known in ranges if known is not None)


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "something else")


def _by_bytes(paths: Collection[str]) -> list[str]:
    """Sort *paths* by their bytes, which is the order of ASCII text."""
    return sorted(paths, key=None if "".join(paths).isascii() else os.fsencode)
