"""What is the project's own: inside its folder after symlinks are resolved, or in its `.env`."""

from __future__ import annotations

import os
from pathlib import Path

from ccw.config.places import cache_folder, ccw_home, home_folder, is_inside, resolved
from ccw.config.references import ProjectEnviron, file_place


def is_own_variable(name: str, environ: ProjectEnviron) -> bool:
    """Tell whether the project's `.env` alone gives *name*; a linked one is another's."""
    return name in environ.dotenv and is_inside(environ.project / ".env", environ.project)


def outside_file(argument: str, environ: ProjectEnviron) -> str | None:
    """Return where `${file:ARGUMENT}` leads, None when that is inside the project."""
    path = file_place(environ.project, argument, home_folder(environ.process))
    return None if is_inside(path, environ.project) else resolved(path)


def cache_place(cache_dir: str, environ: ProjectEnviron) -> str | None:
    """Return where *cache_dir* leads, None inside the project or the user's own folder.

    The user's own folder is what the real environment says, whatever the `.env` says of it.
    """
    folder = cache_folder(environ.project, cache_dir, environ)
    homes = (environ.project, ccw_home(environ.process))
    if any(is_inside(folder, home) for home in homes):
        return None
    return resolved(folder)


def is_linked_out(cache_dir: str, environ: ProjectEnviron) -> bool:
    """Tell whether *cache_dir* names a place in the project from which a link leads elsewhere."""
    folder = os.path.normpath(cache_folder(environ.project, cache_dir, environ))
    is_named_inside = Path(folder).is_relative_to(os.path.normpath(environ.project))
    return is_named_inside and cache_place(cache_dir, environ) is not None
