"""The folder of the context cache: private, marked as ccw's, never one that holds other things.

A marker that was lost is written again where nothing but ccw can have made what is there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

MARKER = "CACHEDIR.TAG"  # the name that backup tools know, too
MARKER_TEXT = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# This folder is the context cache of ccw; its content can be thrown away at any time.\n"
    b"# See https://bford.info/cachedir/\n"
)
DATABASE = "cache.db"
BOUNDS = "ccw_bounds"  # key in its table Settings: {project digest: [bytes, day last seen]}
_DATABASE_FILES = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"}
_VALUE_FOLDER = re.compile(r"[0-9a-f]{2}")
_VALUE_FILE = re.compile(r"[0-9a-f]{30}\.val")


class ForeignFolder(OSError):
    """The folder belongs to another user, or holds things that are not ccw's (ENOTEMPTY)."""


class InPlaceOfFile(OSError):
    """Something else stands where the database has to be."""


def prepare_folder(folder: Path) -> None:
    """Make *folder* if it is missing, and private.

    Raises ForeignFolder when it belongs to another user or holds things that are not ccw's, and
    OSError when it cannot be made, or cannot be a cache (InPlaceOfFile).
    """
    _make_private(folder)
    status = os.stat(folder)
    if status.st_uid != os.geteuid():
        raise ForeignFolder(errno.EPERM, "it belongs to another user", str(folder))
    if not is_marked(folder):
        _mark(folder)
    if stat.S_IMODE(status.st_mode) & 0o077:
        os.chmod(folder, 0o700)
    _require_plain_database(folder)


def is_marked(folder: Path) -> bool:
    """Tell whether ccw made *folder*; a marker that is just being written counts."""
    try:
        descriptor = os.open(folder / MARKER, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return False
        raise
    try:
        content = os.read(descriptor, len(MARKER_TEXT) + 1)
    except IsADirectoryError:
        return False
    finally:
        os.close(descriptor)
    return MARKER_TEXT.startswith(content)


def remove_contents(folder: Path) -> bool:
    """Remove the database and the values of *folder*, nothing else; False if it is not ccw's.

    OSError for what cannot be removed, such as a filled folder in place of the database.
    """
    if not is_marked(folder):
        return False
    for name in value_files(folder):
        (folder / name).unlink(missing_ok=True)
    for name in sorted(_DATABASE_FILES):
        _remove(folder / name)
    for entry in folder.iterdir():
        if _VALUE_FOLDER.fullmatch(entry.name):
            with contextlib.suppress(OSError):
                entry.rmdir()
    return True


def value_files(folder: Path) -> Iterator[str]:
    """Yield the names of the value files in *folder*, relative to it."""
    for below in sorted(folder.iterdir()):
        if _VALUE_FOLDER.fullmatch(below.name) and not below.is_symlink() and below.is_dir():
            for entry in sorted(below.iterdir()):
                if _VALUE_FILE.fullmatch(entry.name):
                    yield f"{below.name}/{entry.name}"


def is_value_name(name: str) -> bool:
    """Tell whether *name* is what `value_files` could yield."""
    below, _, file = name.partition("/")
    return bool(_VALUE_FOLDER.fullmatch(below) and _VALUE_FILE.fullmatch(file))


def _make_private(folder: Path) -> None:
    if "\0" in str(folder):
        raise OSError(errno.EINVAL, "no folder has such a name", str(folder))
    missing = [folder, *folder.parents]
    for path in reversed(missing[: next((i for i, p in enumerate(missing) if p.exists()), 0)]):
        with contextlib.suppress(FileExistsError):
            path.mkdir(0o700)


def _mark(folder: Path) -> None:
    content = os.listdir(folder)
    if content and not is_marked(folder):  # asked again: another process may have come first
        if not _is_plainly_ours(folder, content):
            reason = f"it holds other things, such as {_example(folder, content)}"
            raise ForeignFolder(errno.ENOTEMPTY, reason, str(folder))
        _remove(folder / MARKER)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with (
        contextlib.suppress(FileExistsError),
        open(os.open(folder / MARKER, flags, 0o600), "wb") as file,
    ):
        file.write(MARKER_TEXT)


def _example(folder: Path, content: Iterable[str]) -> str:
    """Name what is not ccw's for sure, if there is such a thing."""
    name = min(content, key=lambda name: (_may_be_ours(folder, name), name))
    return f"the folder {name}/" if (folder / name).is_dir() else name


def _is_plainly_ours(folder: Path, content: Iterable[str]) -> bool:
    """Tell whether nothing but ccw can have made what is in *folder*."""
    if not all(_may_be_ours(folder, name) for name in content):
        return False
    return any(value_files(folder)) or _has_our_table(folder / DATABASE)


def _may_be_ours(folder: Path, name: str) -> bool:
    if name in _DATABASE_FILES or name == MARKER:
        return True
    below = folder / name
    if not _VALUE_FOLDER.fullmatch(name) or below.is_symlink() or not below.is_dir():
        return False
    return all(_VALUE_FILE.fullmatch(file) for file in os.listdir(below))


def _has_our_table(database: Path) -> bool:
    """Look into *database* without leaving a trace: it may be another program's."""
    import sqlite3

    if database.is_symlink() or not database.is_file():
        return False
    how = "mode=ro" if database.with_name(f"{DATABASE}-wal").exists() else "immutable=1"
    with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?{how}", uri=True)) as opened:
        try:
            rows = opened.execute("SELECT 1 FROM Settings WHERE key = ?", (BOUNDS,)).fetchall()
        except sqlite3.Error:
            return False
    return bool(rows)


def _require_plain_database(folder: Path) -> None:
    for name in sorted(_DATABASE_FILES):
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(folder / name).st_mode):
                raise InPlaceOfFile(
                    errno.EINVAL, f"{name} is not a regular file", str(folder / name)
                )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except (IsADirectoryError, PermissionError):  # Linux says the one of a folder, macOS the other
        if not path.is_dir():
            raise
        path.rmdir()
