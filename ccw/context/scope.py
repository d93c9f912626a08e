"""The values of the file search: what may be read, what was found, what was left out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

DEFAULT_MAX_FILE_SIZE = 1024 * 1024
BY_SIZE = ("larger than ", "over the limit of ")  # how reasons begin that a larger bound removes


class FileId(NamedTuple):
    """What a file is to the system, under whatever names: the numbers of its device and inode."""

    device: int
    inode: int


class Scope(NamedTuple):
    """Where files are looked up and which may be read.

    `project` is what paths are shown relative to; `cwd` is where patterns start; a file must lie
    in `project`, `cwd` or one of `include_dirs` after symlinks are resolved. `outputs` are files
    that what comes is written to, which are never taken. Sizes in bytes.
    """

    project: Path
    cwd: Path
    include_dirs: tuple[Path, ...] = ()
    home: Path | None = None
    max_file_size: int = DEFAULT_MAX_FILE_SIZE
    allow_missing: bool = False
    allow_secrets: bool = False
    outputs: frozenset[FileId] = frozenset()


class Stamp(NamedTuple):
    """What tells that a file was not touched since: size in bytes, times in nanoseconds."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file's status."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


UNSEEN = Stamp(-1, 0, 0, 0)  # of a file that was listed and not asked: no file's stamp equals it


class FoundFile(NamedTuple):
    """A file that a pattern matched: `path` as shown (project-relative, `/`), `location` to open.

    Both are str with surrogate escapes for bytes that are not UTF-8. `location` is absolute and
    was free of symlinks when the file was found. `stamp` is UNSEEN where files were only listed.
    """

    path: str
    location: str
    stamp: Stamp
    lines: tuple[tuple[int, int], ...] = ()  # empty: the whole file


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why in a few words for a person and for the model."""

    path: str
    reason: str

    @property
    def by_size(self) -> bool:
        """Whether its size alone was the reason."""
        return self.reason.startswith(BY_SIZE)


class Found(NamedTuple):
    """The result of one walk, files sorted by path without duplicates."""

    files: Sequence[FoundFile] = ()
    skipped: tuple[Skipped, ...] = ()
    matched: Mapping[str, int] = MappingProxyType({})  # token -> number of files
    failed: tuple[str, ...] = ()  # tokens that matched nothing and were allowed to
    notes: tuple[str, ...] = ()  # tokens taken as text, guesses, for stderr
