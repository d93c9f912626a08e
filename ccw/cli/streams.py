"""Where standard output leads: nowhere, into a file, to a terminal that must not obey it."""

from __future__ import annotations

import codecs
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from ccw.cli.terminal import harmless
from ccw.context.scope import FileId
from ccw.errors import OutputFailed


def check_stdout() -> None:
    """Raise OutputFailed where standard output is closed, or open for reading alone."""
    import fcntl

    try:
        flags = fcntl.fcntl(sys.stdout.fileno(), fcntl.F_GETFL)
    except (OSError, ValueError):  # no file of the system's: a test's, a notebook's
        return
    if flags & os.O_ACCMODE == os.O_RDONLY:
        raise OutputFailed(
            "standard output is closed, so the answer would be lost; nothing was sent"
        )


def file_of(stream: TextIO) -> Path | None:
    """Return the file that the shell sends *stream* to, None where there is none to tell."""
    try:
        number = stream.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return None
        return Path(f"/proc/self/fd/{number}").readlink()
    except (OSError, ValueError):  # no file of the system's, or another system than Linux
        return None


def output_files() -> frozenset[FileId]:
    """Return the regular files that standard output and standard error are written to."""
    return frozenset(file for stream in (sys.stdout, sys.stderr) if (file := _regular(stream)))


def _regular(stream: TextIO) -> FileId | None:
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no file of the system's: a test's, a notebook's
        return None
    return FileId(status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def harmless_bytes() -> Callable[[bytes], bytes]:
    """Return a function that makes the pieces of a UTF-8 text harmless, one after the other."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    held = ""

    def shown(data: bytes) -> bytes:
        nonlocal held
        text, held = harmless(decoder.decode(data), held)
        return text.encode("utf-8")

    return shown
