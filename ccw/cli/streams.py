"""Standard output before a call: an answer that nobody could get is not asked for."""

from __future__ import annotations

import os
import sys

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
