"""What is the project's own: inside its folder after symlinks are resolved, or in its `.env`."""

from __future__ import annotations

import os
from pathlib import Path

from ccw.config.places import cache_folder, ccw_home, home_folder
from ccw.config.references import ProjectEnviron


def is_own_variable(name: str, environ: ProjectEnviron) -> bool:
    """Tell whether the project's `.env` alone gives *name*; a linked one is another's."""
    return name in environ.dotenv and _is_inside(environ.project / ".env", environ.project)


def outside_file(argument: str, environ: ProjectEnviron) -> str | None:
    """Return where `${file:ARGUMENT}` leads, None when that is inside the project."""
    path = _expanded(argument.strip(), environ)
    return None if _is_inside(path, environ.project) else _resolved(path)


def cache_place(cache_dir: str, environ: ProjectEnviron) -> str | None:
    """Return where *cache_dir* leads, None inside the project or the user's own folder.

    The user's own folder is what the real environment says, whatever the `.env` says of it.
    """
    folder = cache_folder(environ.project, cache_dir, environ)
    homes = (environ.project, ccw_home(environ.process))
    if any(_is_inside(folder, home) for home in homes):
        return None
    return _resolved(folder)


def _expanded(argument: str, environ: ProjectEnviron) -> Path:
    if argument == "~" or argument.startswith("~/"):
        return home_folder(environ.process) / argument[2:]
    return environ.project / argument


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(_resolved(path)).is_relative_to(_resolved(folder))


def _resolved(path: Path) -> str:
    """Return where *path* leads; one with a NUL leads nowhere, and stays as it is written."""
    return str(path) if "\0" in str(path) else os.path.realpath(path)
