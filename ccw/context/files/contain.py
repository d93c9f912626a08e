"""Only files inside the allowed folders, also when a symlink is swapped in while we look."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from ccw.context.scope import FoundFile, Scope
from ccw.errors import PathNotAllowed

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def allowed_roots(scope: Scope) -> tuple[str, ...]:
    """Return the real paths of the folders that may be read: project, cwd, included folders."""
    included = [os.path.join(scope.cwd, _from_home(str(f), scope)) for f in scope.include_dirs]
    folders = [os.path.realpath(path) for path in (str(scope.project), str(scope.cwd), *included)]
    return tuple(dict.fromkeys(folders))


def _from_home(path: str, scope: Scope) -> str:
    if scope.home is not None and (path == "~" or path.startswith("~/")):
        return f"{scope.home}{path[1:]}"
    return path


def containing(path: str, roots: Sequence[str]) -> str | None:
    """Return the first of *roots* that is *path* or above it, by path parts."""
    for root in roots:
        if path == root or path.startswith(root if root.endswith("/") else f"{root}/"):
            return root
    return None


def not_allowed(token: str, real: str, *, folder: bool = False) -> PathNotAllowed:
    """Make the error for a path outside, with the option that would allow it."""
    option = real if folder else os.path.dirname(real)
    return PathNotAllowed(
        f"{token} leads to {printable(real)}, outside the project and the working directory; "
        f"add --include-dirs {printable(option)} to allow it"
    )


def printable(path: str) -> str:
    """Return *path* fit for a message: bytes that are no text and control characters escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


class _Open(NamedTuple):
    """A folder that is open: its path with a slash behind it, and its descriptor."""

    path: str
    fd: int


class Opener:
    """Opens found files without following any symlink; keeps the folders of the last one open."""

    def __init__(self, scope: Scope) -> None:
        self._roots = allowed_roots(scope)
        self._chain: list[_Open] = []  # each within the one before
        self._folder: str | None = None  # the last of the chain, as files name it
        self._fd = -1

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave_for("")

    def open(self, file: FoundFile) -> tuple[int, os.stat_result]:
        """Return a descriptor of *file*, a regular file inside the allowed folders, and its status.

        OSError when it is gone or unreadable; PathNotAllowed when it is no longer what was found.
        """
        folder, _, name = file.location.rpartition("/")
        try:
            if folder != self._folder:  # files come folder by folder
                self._enter(folder, file)
            fd = os.open(name, _FILE, dir_fd=self._fd)
        except OSError as error:
            raise _translated(error, file) from None
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            raise PathNotAllowed(f"{printable(file.path)} is not a regular file any more")
        return fd, status

    def _enter(self, folder: str, file: FoundFile) -> None:
        self._folder = None
        self._leave_for(f"{folder}/")
        if not self._chain:
            root = containing(folder or "/", self._roots)
            if root is None:
                raise not_allowed(printable(file.path), file.location)
            self._chain.append(_Open(os.path.join(root, ""), os.open(root, _FOLDER)))
        for part in folder[len(self._chain[-1].path) :].split("/"):
            if part:
                path, fd = self._chain[-1]
                self._chain.append(_Open(f"{path}{part}/", os.open(part, _FOLDER, dir_fd=fd)))
        self._folder, self._fd = folder, self._chain[-1].fd

    def _leave_for(self, path: str) -> None:
        """Close the folders that *path*, which ends in a slash, is not within."""
        while self._chain and not path.startswith(self._chain[-1].path):
            os.close(self._chain.pop().fd)


def _translated(error: OSError, file: FoundFile) -> Exception:
    """A symlink where none was is refused; anything else stays the system's error."""
    import errno

    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
        return PathNotAllowed(f"{printable(file.path)} became a symlink while it was read")
    return error
