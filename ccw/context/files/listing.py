"""What one folder holds, sorted while it is listed: the hot loops of the walk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field

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

    `files` are the visible regular files whose names may be wanted; `special` is all else that may
    be a wanted file or a way to one: symlinks, hidden names, what was looked up by name.
    """

    folders: list[Entry] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    special: list[Entry] = field(default_factory=list)
    ignore_files: tuple[str, ...] = ()


def listed(folder: str, plan: Plan) -> Listing:
    """List *folder* for *plan*. OSError when that is not possible."""
    if plan.literals is not None:
        return _looked_up(folder, plan.literals)
    listing = Listing()
    with os.scandir(folder) as entries:
        if plan.sieve.endings is None or plan.enters:
            hidden = _sorted_by_sieve(entries, plan, listing)
        else:
            hidden = _sorted_by_ending(entries, plan.sieve.endings, listing)
    if hidden:
        _sort_hidden(hidden, plan, listing)
    return listing


def _sorted_by_ending(
    entries: Iterable[os.DirEntry[str]], endings: tuple[str, ...], listing: Listing
) -> list[Entry]:
    """Sort *entries* into *listing* and return the hidden ones: the common case."""
    hidden: list[Entry] = []
    take, enter = listing.files.append, listing.folders.append
    for entry in entries:
        name = entry.name
        if name[0] == ".":
            hidden.append(entry)
        elif name.endswith(endings):
            if entry.is_file(follow_symlinks=False):
                take(name)
            elif entry.is_dir(follow_symlinks=False):
                enter(entry)
            else:
                listing.special.append(entry)
        elif entry.is_dir(follow_symlinks=False):
            enter(entry)
    return hidden


def _sorted_by_sieve(
    entries: Iterable[os.DirEntry[str]], plan: Plan, listing: Listing
) -> list[Entry]:
    """Do the same for globs of many shapes, and for folders that they name."""
    hidden: list[Entry] = []
    endings, extensions, names, starts, other = plan.sieve[:5]
    enters, steps = plan.enters, plan.steps
    for entry in entries:
        name = entry.name
        if name[0] == ".":
            hidden.append(entry)
        elif entry.is_dir(follow_symlinks=False):
            listing.folders.append(entry)
        elif (
            name[name.rfind(".") :] in extensions
            or name in names
            or name.startswith(starts)
            or (other is not None and other(name))
            if endings is None
            else name.endswith(endings)
        ):
            if entry.is_file(follow_symlinks=False):
                listing.files.append(name)
            else:
                listing.special.append(entry)
        elif enters and steps(name) and entry.is_symlink():
            listing.special.append(entry)
    return hidden


def _sort_hidden(hidden: list[Entry], plan: Plan, listing: Listing) -> None:
    """Sort the hidden entries, few of which matter."""
    names = {entry.name for entry in hidden}
    listing.ignore_files = tuple(name for name in IGNORE_FILES if name in names)
    if plan.is_steady and not plan.sieve.hidden:
        return
    for entry in hidden:
        group = listing.folders if entry.is_dir(follow_symlinks=False) else listing.special
        group.append(entry)


def _looked_up(folder: str, names: Iterable[str]) -> Listing:
    listing = Listing(ignore_files=IGNORE_FILES)
    for name in sorted(names):
        try:
            entry = Named(folder, name)
        except (OSError, ValueError):  # missing, or a name that no file can have
            continue
        (listing.folders if entry.is_dir(follow_symlinks=False) else listing.special).append(entry)
    return listing
