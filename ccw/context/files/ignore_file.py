"""An ignore file's rules, or why they cannot be held; what is there is not passed over silently.

git's files are read as git does it: those in the work tree are not followed where they are
symlinks. What ccw's own file excludes is to stay on this machine, so one that is there and cannot
be used is an error.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

from ccw.context.files.contain import printable
from ccw.context.files.rules import Rule, parse_rules
from ccw.errors import IgnoreFileUnusable

OWN = ".ccwignore"
EXCLUDE = "exclude"  # of a repository's .git/info, which may be a symlink
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
Tell = Callable[[str], object]


def rules_in(path: str, shown: str, tell: Tell) -> list[Rule]:
    """Return the rules of the ignore file at *path*, which may be missing.

    *tell* is told of one that cannot be used; IgnoreFileUnusable for a `.ccwignore`.
    """
    name = os.path.basename(path)
    try:
        content = _content(path, follow=name == EXCLUDE)
        if name == OWN:
            _check_text(content)
    except OSError as error:
        why = error.strerror or str(error)
        if name == OWN:
            raise IgnoreFileUnusable(
                f"{printable(shown)} cannot be used: {why}; it may exclude files that would be "
                "sent: put a text file in UTF-8 in its place, or remove it"
            ) from None
        tell(f"the rules of {printable(shown)} do not hold: {why}")
        return []
    return parse_rules(content, shown) if content else []


def _check_text(content: bytes) -> None:
    """Raise OSError for what names no file as its writer saw it."""
    if b"\0" in content:
        raise OSError(errno.EINVAL, "it is no text, it holds a NUL")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise OSError(errno.EINVAL, "it is not UTF-8") from None


def _content(path: str, *, follow: bool) -> bytes:
    """Return the bytes of a regular file, none of a missing one; OSError with words to show."""
    follows = 0 if follow else os.O_NOFOLLOW
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | follows)
    except OSError as error:
        if _is_missing(path, error):
            return b""
        raise OSError(error.errno, _why(error)) from None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        content = os.read(fd, status.st_size)
    finally:
        os.close(fd)
    if content.startswith(_UTF_16):
        raise OSError(errno.EINVAL, "it is UTF-16, not UTF-8")
    return content


def _is_missing(path: str, error: OSError) -> bool:
    """Tell whether nothing is there, or nobody may know: then no file beside it can be read."""
    if error.errno != errno.EACCES:
        return error.errno in (errno.ENOENT, errno.ENOTDIR)
    try:
        os.lstat(path)
    except OSError:
        return True
    return False


def _why(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "it is a symlink, which is not followed"
    return f"it cannot be read ({error.strerror})"
