"""What one folder holds, sorted while it is listed: the hot loops of the walk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ccw.context.files.finals import UNDECIDED
from ccw.context.files.ignore import IGNORE_FILES
from ccw.context.files.plan import Plan


class Named:
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


Entry = os.DirEntry[str] | Named


@dataclass(slots=True)
class Listing:
    """What a folder holds for the globs of a plan.

    `files` are visible regular files that are taken, each by one of `takers`; `special` is all
    else that may be a wanted file or a way to one: symlinks, hidden names and those usually left
    out, what was looked up by name.
    """

    folders: list[Entry]
    files: list[str]
    takers: list[frozenset[int]]
    special: list[Entry]
    ignore_files: Sequence[str] = ()


def listed(folder: str, plan: Plan) -> Listing:
    """List *folder* for *plan*. OSError when that is not possible."""
    if plan.literals is not None:
        return _looked_up(folder, plan.literals)
    with os.scandir(folder) as entries:
        listing = _by_ending(entries, plan) if plan.by_ending else _by_name(entries, plan)
    return _without_hidden(listing, plan) if listing.special else listing


def _by_ending(entries: Iterable[os.DirEntry[str]], plan: Plan) -> Listing:
    """Sort *entries* by what they end in: the common case; hidden ones are special."""
    endings, takers = plan.finals.endings, plan.finals.takers
    folders: list[Entry] = []
    files: list[str] = []
    special: list[Entry] = []
    for entry in entries:
        name = entry.name
        if name[0] == ".":
            special.append(entry)
        elif name.endswith(endings):
            if entry.is_file(follow_symlinks=False):
                files.append(name)
            else:
                group = folders if entry.is_dir(follow_symlinks=False) else special
                group.append(entry)
        elif entry.is_dir(follow_symlinks=False):
            folders.append(entry)
    return Listing(folders, files, [takers] * len(files), special)


def _by_name(entries: Iterable[os.DirEntry[str]], plan: Plan) -> Listing:
    """Do the same for globs of many shapes, and for folders that they name."""
    enters, steps, finals = plan.enters, plan.steps, plan.finals
    by_extension, by_name = finals.by_extension, finals.by_name
    folders: list[Entry] = []
    files: list[str] = []
    takers: list[frozenset[int]] = []
    special: list[Entry] = []
    for entry in entries:
        name = entry.name
        _, dot, extension = name.rpartition(".")
        taken, firsts = by_extension[extension] if dot else UNDECIDED
        if taken is None or name[0] in firsts:
            if name[0] == ".":
                special.append(entry)
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry)
                continue
            taken = by_name[name]
            if name in by_name.left_out:
                special.append(entry)
                continue
        if taken and entry.is_file(follow_symlinks=False):
            files.append(name)
            takers.append(taken)
        elif entry.is_dir(follow_symlinks=False):
            folders.append(entry)
        elif taken or (enters and (steps is None or name in steps) and entry.is_symlink()):
            special.append(entry)
    return Listing(folders, files, takers, special)


def _without_hidden(listing: Listing, plan: Plan) -> Listing:
    """Sort out the hidden entries, few of which matter."""
    hidden = [entry for entry in listing.special if entry.name[0] == "."]
    names = {entry.name for entry in hidden}
    listing.ignore_files = [name for name in IGNORE_FILES if name in names]
    listing.special = [entry for entry in listing.special if entry.name[0] != "."]
    if not plan.is_steady or plan.finals.hidden:
        for entry in hidden:
            is_folder = entry.is_dir(follow_symlinks=False)
            (listing.folders if is_folder else listing.special).append(entry)
    return listing


def _looked_up(folder: str, names: Iterable[str]) -> Listing:
    listing = Listing([], [], [], [], IGNORE_FILES)
    for name in sorted(names):
        try:
            entry = Named(folder, name)
        except (OSError, ValueError):  # missing, or a name that no file can have
            continue
        (listing.folders if entry.is_dir(follow_symlinks=False) else listing.special).append(entry)
    return listing
