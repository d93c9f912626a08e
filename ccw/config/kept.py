"""What holds in a project as calls see it, kept from call to call while its files are as they were.

Reading and checking the two files takes longer than all else that comes before a call. A file
counts as unchanged while the system tells the same of it, and only where it was at rest before and
after it was read: one written within the clock's resolution could change again without a sign. What
holds a literal secret is never kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from ccw.config.layers import NOTHING, Effective, load_effective
from ccw.config.places import CONFIG_FILE, plainly_at, user_config_path
from ccw.config.references import ProjectEnviron
from ccw.config.views import masked, plain

CLOCK_RESOLUTION_NS = 2_000_000_000  # of the coarsest file systems
MOST = 16  # configurations of different projects
Stamp = tuple[int, ...]  # what the system tells of a file
MISSING: Stamp = ()
Places = tuple[str, str]  # of the project and of the user's own file
Stamps = tuple[Stamp, Stamp]
Read = Callable[[Path, Mapping[str, str]], Effective]


class Kept(NamedTuple):
    """What files of these stamps say; None where that holds a secret and is read each time."""

    stamps: Stamps
    effective: Effective | None


class Keeper:
    """The configurations kept; of the *most* projects the one that came first goes first."""

    def __init__(self, most: int, read: Read = load_effective) -> None:
        self._most, self._read = most, read
        self._kept, self._keeping = dict[Places, Kept](), Lock()

    def seen(self, project: Path, environ: Mapping[str, str], now: float) -> Effective:
        """Return what holds in *project*, read only where its files may have changed."""
        places = (str(project), str(user_config_path(environ)))
        stamps = _stamps(places)
        known = None if stamps is None else self._find(places, stamps)
        if known is not None and known.effective is not None:
            return known.effective
        found = self._read(project, environ)
        if stamps is None or known is not None or not _are_at_rest(stamps, now):
            return found
        if _stamps(places) == stamps and _is_there_as(stamps, found):
            self._keep(places, Kept(stamps, None if _holds_secret(found) else found))
        return found

    def _find(self, places: Places, stamps: Stamps) -> Kept | None:
        known = self._kept.get(places)
        return known if known is not None and known.stamps == stamps else None

    def _keep(self, places: Places, kept: Kept) -> None:
        with self._keeping:
            self._kept.pop(places, None)
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[places] = kept


_KEEPER = Keeper(MOST)


def seen_in(project: Path, environ: Mapping[str, str], now: float | None = None) -> Effective:
    """Return what `load_effective` does, for a call the same from its beginning to its end.

    What a call was trusted with is then what it is made with, whoever edits meanwhile. With *now*,
    seconds since 1970, what was read for an earlier call counts while the files are unchanged.
    """

    def look() -> Effective:
        if now is None:
            return load_effective(project, environ)
        return _KEEPER.seen(project, environ, now)

    if not isinstance(environ, ProjectEnviron) or environ.project != project:
        return look()
    return environ.once("configuration", look)


def _stamps(places: Places) -> Stamps | None:
    """Return what tells whether the files change, None where that would not tell enough."""
    own = _own_stamp(places[0])
    return None if own is None else (own, _stamp(places[1]))


def _own_stamp(project: str) -> Stamp | None:
    """Return the stamp of the project's own file, None where a link or a refusal is on the way."""
    try:
        found = plainly_at(project, CONFIG_FILE.parts)
    except FileNotFoundError:
        return MISSING
    except (OSError, ValueError):
        return None
    return None if found is None else _stamp_of(found)


def _stamp(path: str) -> Stamp:
    """Return the stamp of the user's own file, which may be a link; a closed one is missing."""
    try:
        return _stamp_of(os.stat(path))  # noqa: PTH116 (a path's text is at hand)
    except (OSError, ValueError):
        return MISSING


def _stamp_of(found: os.stat_result) -> Stamp:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _are_at_rest(stamps: Stamps, now: float) -> bool:
    changed = (time for stamp in stamps for time in stamp[-2:])
    return max(changed, default=0) + CLOCK_RESOLUTION_NS < now * 1e9


def _is_there_as(stamps: Stamps, found: Effective) -> bool:
    """Tell whether those files were read that were there before and after."""
    read = (found.project is not NOTHING, found.user is not NOTHING)
    return read == (stamps[0] != MISSING, stamps[1] != MISSING)


def _holds_secret(effective: Effective) -> bool:
    """Tell whether there is anything that reading commands would hide."""
    return any(masked(each) != plain(each) for each in (effective.project, effective.user))
