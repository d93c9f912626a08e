"""One walk for all globs, without recursion, pruned by what they name and by ignore rules."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

from ccw.context.files.collect import Collector
from ccw.context.files.contain import containing
from ccw.context.files.ignore import IgnorePlan
from ccw.context.files.listing import Entry, listed
from ccw.context.files.names import IGNORED_FOLDERS, IGNORED_SUFFIX, is_secret
from ccw.context.files.plan import Plan
from ccw.context.files.start import Start

UNLISTED = "cannot be listed"
SECRET = "may hold secrets; to send it, name it exactly and add --allow-secrets"


@dataclass(slots=True)
class _Folder:
    """A folder to look into: its real path, its path below the start (`a/b/`), what holds there."""

    location: str
    below: str
    plan: Plan
    ignore: IgnorePlan


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
            self._collector.locate(self._start.shown, self._start.location)
            self._stack.append(_Folder(self._start.location, "", plan, self._start.ignore))
        while self._stack and not (self._first_only and self._collector.takers):
            self._look_into(self._stack.pop())

    def _look_into(self, folder: _Folder) -> None:
        try:
            listing = listed(folder.location, folder.plan)
        except OSError as error:
            reason = f"{UNLISTED}: {error.strerror}"
            self._collector.skip(self._start.shown + folder.below, reason)
            return
        if listing.ignore_files and self._start.rules:
            folder = self._with_rules(folder, listing.ignore_files)
        if listing.folders:
            self._enter_all(folder, listing.folders)
        if listing.files:
            self._take_all(folder, listing.files, listing.takers)
        for entry in listing.special:
            self._take(folder, entry)
            if folder.plan.enters and entry.is_symlink():
                self._enter_link(folder, entry)

    def _enter_all(self, folder: _Folder, entries: Iterable[Entry]) -> None:
        """Put subfolders on the stack; most are ordinary ones that mean the same to the globs."""
        below, ignore, steps = folder.below, folder.ignore, folder.plan.steps
        where, inside = self._start.where + below, ignore.inside
        has_rules, may_match = ignore.has_rules, ignore.may_match
        plan = folder.plan if folder.plan.is_steady else folder.plan.below()
        for entry in entries:
            name = entry.name
            if steps is None or name in steps or name in IGNORED_FOLDERS or name[0] == ".":
                self._enter(folder, name, entry.path)
            elif not plan.wanted:
                self._collector.excluding |= plan.excluding_all()
            elif not (has_rules and may_match(name) and ignore.ignores(name, where, True)):
                inner = inside or ignore.enter(name, where)
                self._stack.append(_Folder(entry.path, f"{below}{name}/", plan, inner))

    def _take_all(self, folder: _Folder, names: list[str], takers: list[frozenset[int]]) -> None:
        """Hand regular visible files to the collector, as `_take` does one by one."""
        if folder.plan.excludes or folder.ignore.has_rules:
            kept = self._kept(folder, names)
            if not all(kept):
                names, takers = list(compress(names, kept)), list(compress(takers, kept))
        self._collector.add_listed(self._start.shown + folder.below, names, takers)

    def _kept(self, folder: _Folder, names: list[str]) -> list[bool]:
        if folder.plan.excludes:
            return [self._is_kept(folder, name) for name in names]
        return folder.ignore.kept(names, self._start.where + folder.below)

    def _is_kept(self, folder: _Folder, name: str) -> bool:
        """Tell whether a wanted file is neither excluded nor ignored."""
        if folder.plan.excludes and self._is_excluded(folder.plan, name):
            return False
        where = self._start.where + folder.below
        return not (folder.ignore.has_rules and folder.ignore.ignores(name, where, False))

    def _is_excluded(self, plan: Plan, name: str) -> bool:
        excluding = plan.excluding(name)
        self._collector.excluding |= excluding
        return bool(excluding)

    def _with_rules(self, folder: _Folder, ignore_files: Sequence[str]) -> _Folder:
        ignore = folder.ignore.read(
            folder.location,
            self._start.where + folder.below,
            self._start.shown + folder.below,
            ignore_files,
            self._collector.note,
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
            shown = f"{self._start.shown}{folder.below}{entry.name}"
            self._collector.skip_outside(shown, real, folder=True)
        else:
            self._collector.locate(f"{self._start.shown}{folder.below}{entry.name}/", real)
            self._enter(folder, entry.name, real, is_link=True)

    def _take(self, folder: _Folder, entry: Entry) -> None:
        """Hand a file to the collector, unless it is excluded, ignored or secret."""
        name = entry.name
        patterns = folder.plan.patterns_of(name)
        if not patterns or not self._is_kept(folder, name):
            return
        if self._start.rules and name.endswith(IGNORED_SUFFIX):
            return
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
