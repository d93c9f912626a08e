"""One walk for all globs, without recursion, pruned by what they name and by ignore rules."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ccw.context.files.collect import Collector, outside
from ccw.context.files.contain import containing
from ccw.context.files.ignore import IGNORE_FILES, IgnorePlan
from ccw.context.files.names import IGNORED_FOLDERS, IGNORED_SUFFIX, is_secret
from ccw.context.files.plan import Plan
from ccw.context.files.start import Start

SECRET = "may hold secrets; to send it, name it exactly and add --allow-secrets"


class _Folder(NamedTuple):
    """A folder to look into: its real path, its path below the start (`a/b/`), what holds there."""

    location: str
    below: str
    plan: Plan
    ignore: IgnorePlan


class _Named:
    """What os.scandir would say about a file that is looked up by its name."""

    __slots__ = ("_status", "name", "path")

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        self.path = os.path.join(folder, name)
        self._status = os.lstat(self.path)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002
        return stat.S_ISDIR(self._status.st_mode)

    def is_symlink(self) -> bool:
        return stat.S_ISLNK(self._status.st_mode)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002
        return self._status


Entry = os.DirEntry[str] | _Named


class Walk:
    """Looks through the folders below a start and hands what the globs take to a collector."""

    def __init__(self, start: Start, collector: Collector, *, first_only: bool = False) -> None:
        self._start = start
        self._collector = collector
        self._first_only = first_only
        self._stack: list[_Folder] = []

    def run(self, plan: Plan) -> None:
        """Walk all folders below the start in which *plan* wants something."""
        if plan.wanted and self._start.ignored_by is None:
            self._stack.append(_Folder(self._start.location, "", plan, self._start.ignore))
        while self._stack and not (self._first_only and self._collector.takers):
            self._look_into(self._stack.pop())

    def _look_into(self, folder: _Folder) -> None:
        try:
            entries, ignore_files = _entries(folder)
        except OSError as error:
            reason = f"cannot be listed: {error.strerror}"
            self._collector.skip(self._start.shown + folder.below, reason)
            return
        folder = self._with_rules(folder, ignore_files)
        if folder.plan.is_steady:
            self._steadily(folder, entries)
        else:
            self._name_by_name(folder, entries)

    def _steadily(self, folder: _Folder, entries: Iterable[Entry]) -> None:
        """Look at entries whose folders all mean the same: the common case, and the hot loop."""
        plan, ignore, where = folder.plan, folder.ignore, self._start.where + folder.below
        endings = plan.endings
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if name[0] == "." or (name in IGNORED_FOLDERS and self._start.rules):
                    continue
                if not (ignore.has_rules and ignore.ignores(name, where, True)):
                    below = f"{folder.below}{name}/"
                    inner = ignore.enter(name, where) if ignore.has_rules else ignore
                    self._stack.append(_Folder(entry.path, below, plan, inner))
            elif plan.takes(name) if endings is None else name.endswith(endings):
                self._take(folder, entry, where)

    def _name_by_name(self, folder: _Folder, entries: Iterable[Entry]) -> None:
        """Look at entries each of which may mean something else to the globs."""
        takes, enters = folder.plan.takes, folder.plan.enters
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                self._enter(folder, name, entry.path)
                continue
            if takes(name):
                self._take(folder, entry, self._start.where + folder.below)
            if enters and entry.is_symlink():
                self._enter_link(folder, entry)

    def _with_rules(self, folder: _Folder, ignore_files: Sequence[str]) -> _Folder:
        if not ignore_files or not self._start.rules:
            return folder
        ignore = folder.ignore.read(
            folder.location,
            self._start.where + folder.below,
            self._start.shown + folder.below,
            ignore_files,
            lambda path: self._collector.skip(path, "cannot be read; its rules do not hold"),
        )
        return _Folder(folder.location, folder.below, folder.plan, ignore)

    def _enter(self, folder: _Folder, name: str, location: str, *, is_link: bool = False) -> None:
        """Put a subfolder on the stack, unless it is of no interest, excluded or ignored."""
        by_default = self._start.rules and name in IGNORED_FOLDERS
        plan = folder.plan.enter(name, is_link=is_link, literally=by_default)
        if not plan.wanted:
            self._collector.excluding |= plan.excluding_all()
            return
        where, ignore = self._start.where + folder.below, folder.ignore
        if ignore.has_rules:
            if not by_default and ignore.ignores(name, where, not is_link):
                return
            ignore = ignore.enter(name, where)
        self._stack.append(_Folder(location, f"{folder.below}{name}/", plan, ignore))

    def _enter_link(self, folder: _Folder, entry: Entry) -> None:
        """Follow a symlink to a folder that a glob names or matches by itself."""
        if not folder.plan.enter(entry.name, is_link=True).wanted:
            return
        real = os.path.realpath(entry.path)
        if not os.path.isdir(real):
            return
        if containing(real, self._collector.roots) is None:
            self._collector.skip(
                f"{self._start.shown}{folder.below}{entry.name}", outside(real, folder=True)
            )
        else:
            self._enter(folder, entry.name, real, is_link=True)

    def _take(self, folder: _Folder, entry: Entry, where: str) -> None:
        """Hand a file to the collector, unless it is excluded, ignored or secret."""
        name = entry.name
        if excluding := folder.plan.excluding(name):
            self._collector.excluding |= excluding
            return
        if self._start.rules and name.endswith(IGNORED_SUFFIX):
            return
        if folder.ignore.has_rules and folder.ignore.ignores(name, where, False):
            return
        patterns = folder.plan.only if name[0] != "." else None
        if patterns is None and not (patterns := folder.plan.patterns_of(name)):
            return  # a hidden name with a wanted ending
        shown = f"{self._start.shown}{folder.below}{name}"
        if is_secret(name):
            self._collector.skip(shown, SECRET, patterns)
        elif entry.is_symlink():
            self._collector.add_link(shown, entry.path, patterns)
        else:
            self._add(shown, entry, patterns)

    def _add(self, shown: str, entry: Entry, patterns: frozenset[int]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._collector.skip(shown, f"cannot be read: {error.strerror}", patterns)
            return
        self._collector.add(shown, entry.path, status, patterns)


def _entries(folder: _Folder) -> tuple[Iterable[Entry], Sequence[str]]:
    """Return what may matter in *folder* and which ignore files to read there."""
    literals = folder.plan.literals
    if literals is not None:
        return [
            entry for name in sorted(literals) if (entry := _named(folder.location, name))
        ], IGNORE_FILES
    with os.scandir(folder.location) as scanned:
        entries = list(scanned)
    names = [entry.name for entry in entries]
    return entries, [name for name in IGNORE_FILES if name in names]


def _named(folder: str, name: str) -> _Named | None:
    try:
        return _Named(folder, name)
    except (OSError, ValueError):  # missing, or a name that no file can have
        return None
