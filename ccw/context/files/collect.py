"""What a search gathers on its way: files, what was left out and why, which patterns took part."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from ccw.context.files.contain import allowed_roots, containing, printable
from ccw.context.files.names import is_secret
from ccw.context.scope import UNSEEN, FoundFile, Scope, Skipped, Stamp

Lines = tuple[int, int] | None
_FILE: Callable[[Iterable[Any]], FoundFile] = partial(tuple.__new__, FoundFile)  # tens of thousands
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
        self.takers: dict[str, frozenset[int]] = {}  # shown path -> the patterns that took it
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
        each = repeat(takers) if isinstance(takers, frozenset) else takers
        paths = [shown + name for name in names]
        if self._stamps:  # some were named exactly, too
            known = [self.takers.get(path, frozenset()) for path in paths]
            each = [taken | other for taken, other in zip(each, known, strict=False)]
        self.takers.update(zip(paths, each, strict=False))
        if f"{location}/" != self._below + shown:
            reals = [os.path.join(location, name) for name in names]
            self._elsewhere.update(zip(paths, reals, strict=True))

    def inspect(self) -> None:
        """Take the status of what was only listed; leave out what is too large or unreadable."""
        for shown in self.takers.keys() - self._stamps.keys():
            patterns, location = self.takers.pop(shown), self._location(shown)
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
            self.takers[shown] = known | patterns if known else patterns
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
        return self._met.union(*set(self.takers.values()))

    def files(self, lines: Sequence[Lines]) -> tuple[FoundFile, ...]:
        """Return the files sorted by the bytes of their paths; *lines* by pattern number."""
        paths = _by_bytes(self.takers)
        below = self._below
        locations = (
            map(self._location, paths) if self._elsewhere else [below + path for path in paths]
        )
        stamps = map(self._stamp, paths) if self._stamps else repeat(UNSEEN)
        ranges = map(partial(self._lines, lines), paths) if any(lines) else repeat(())
        return tuple(map(_FILE, zip(paths, locations, stamps, ranges, strict=False)))

    def skipped(self) -> tuple[Skipped, ...]:
        """Return what was left out, sorted by path, without files that were taken after all."""
        paths = _by_bytes(self._skipped.keys() - self.takers.keys())
        return tuple(Skipped(path, self._skipped[path]) for path in paths)

    def _location(self, shown: str) -> str:
        return self._elsewhere.get(shown) or self._below + shown

    def _stamp(self, shown: str) -> Stamp:
        return self._stamps.get(shown, UNSEEN)

    def _lines(self, lines: Sequence[Lines], shown: str) -> tuple[tuple[int, int], ...]:
        return merged([lines[number] for number in self.takers[shown]])

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


def merged(ranges: Sequence[Lines]) -> tuple[tuple[int, int], ...]:
    """Return the union of line ranges in order; one None among them means the whole file."""
    if None in ranges:
        return ()
    result: list[tuple[int, int]] = []
    for first, last in sorted(known for known in ranges if known is not None):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "something else")


def _by_bytes(paths: Collection[str]) -> list[str]:
    """Sort *paths* by their bytes, which is the order of ASCII text."""
    return sorted(paths, key=None if "".join(paths).isascii() else os.fsencode)
