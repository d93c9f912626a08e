"""Files that a stranger may have put there: only regular ones are read, and not without bound."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

LARGEST = 16 * 1024 * 1024  # bytes
PIECE = 64 * 1024  # bytes; what the system makes up as it is read has no size


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
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return b"".join(_pieces(handle, length, max(found.st_size + 1, PIECE)))
    finally:
        os.close(handle)


def _pieces(handle: int, length: int, piece: int) -> Iterator[bytes]:
    """Yield the next *length* bytes at most, *piece* of them at a time."""
    while data := os.read(handle, min(length, piece)):
        yield data
        length -= len(data)
