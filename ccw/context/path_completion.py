"""Names that could follow a half-typed `@` path: one folder is listed, nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from ccw.context.files.contain import allowed_roots, containing, not_allowed, printable
from ccw.context.files.ignore import IGNORE_FILES
from ccw.context.files.names import IGNORED_FOLDERS, is_left_out
from ccw.context.files.start import start_at
from ccw.context.scope import Scope

OFFERED = 50


class Offer(NamedTuple):
    """One way to go on: a path as it is typed, with a `/` behind a folder."""

    path: str
    is_folder: bool


class Offers(NamedTuple):
    """The first of what there is, folders before files; `more` tells that there is more."""

    offers: tuple[Offer, ...] = ()
    more: bool = False


def complete_path(prefix: str, scope: Scope, most: int = OFFERED) -> Offers:
    """Return how *prefix* (no `@`, no quote) could go on, from the scope's working directory.

    What a glob would leave out is not offered: hidden names unless asked for, ignored ones, those
    that usually bear secrets. PathNotAllowed for a folder outside the allowed ones.
    """
    if "\0" in prefix:
        return Offers()
    above, partial = os.path.split(prefix)
    typed = prefix[: len(prefix) - len(partial)]
    folder = os.path.realpath(os.path.join(scope.cwd, _from_home(above, scope)))
    if not os.access(folder, os.R_OK | os.X_OK) or not os.path.isdir(folder):
        return Offers()
    if containing(folder, allowed_roots(scope)) is None:
        raise not_allowed(printable(f"@{typed}"), folder, folder=True)
    found = sorted(_entries(folder, partial, scope), key=lambda o: (not o.is_folder, o.path))
    shown = tuple(Offer(typed + offer.path, offer.is_folder) for offer in found[:most])
    return Offers(shown, len(found) > most)


def _entries(folder: str, partial: str, scope: Scope) -> Iterator[Offer]:
    start = start_at(folder, os.path.realpath(scope.project))
    if start.ignored_by is not None:
        return
    rules = start.ignore.read(folder, start.where, start.shown, IGNORE_FILES)
    roots = allowed_roots(scope)
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if not name.lower().startswith(partial.lower()) or not name.isprintable():
                continue
            if name[0] == "." and not partial.startswith("."):
                continue
            is_folder = _is_folder(entry)
            if _is_left_out(name, is_folder) or rules.ignores(name, start.where, is_folder):
                continue
            if entry.is_symlink() and not containing(os.path.realpath(entry.path), roots):
                continue
            yield Offer(f"{name}/" if is_folder else name, is_folder)


def _is_left_out(name: str, is_folder: bool) -> bool:
    return name in IGNORED_FOLDERS if is_folder else is_left_out(name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _from_home(path: str, scope: Scope) -> str:
    if scope.home is not None and (path == "~" or path.startswith("~/")):
        return f"{scope.home}{path[1:]}"
    return path
