"""A file is either the old one or the new one, whatever happens while it is written."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

_TEMPORARY = ".tmp-"  # between the file's name and a random part


def replace_file(path: Path, data: bytes) -> None:
    """Make *data* the content of *path*, mode 0600 from birth; it survives a power cut.

    Raises OSError, and then the old file is as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + _TEMPORARY)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what killed writers left beside *path*; nobody else may be writing it."""
    for stale in path.parent.glob(f"{path.name}{_TEMPORARY}*"):
        stale.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power cut, where the file system lets a folder be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
