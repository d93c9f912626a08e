"""Files that a stranger may have put there: only regular ones are read, and not without bound."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST = 16 * 1024 * 1024  # bytes


def read_regular(path: Path, largest: int = LARGEST) -> bytes:
    """Return the content of *path*; a device or pipe is neither waited for nor drained.

    OSError as for any file, also where it is no regular one or has more than *largest* bytes.
    """
    data = beginning(path, largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest // 1024**2} MB")
    return data


def beginning(path: Path, length: int) -> bytes:
    """Return the first *length* bytes of *path* at most; OSError as `read_regular`."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(length)
    finally:
        os.close(handle)
