"""Where things lie: the project's folder, its config file, the user's own folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from ccw.errors import UsageError

STORAGE = Path(".ccw") / "storage"
FILE_NAME = Path("config") / "litellm-api-config.json"
CONFIG_FILE = STORAGE / FILE_NAME
KNOWN = 64  # paths: a call asks for its few again and again


def home_folder(environ: Mapping[str, str]) -> Path:
    """Return the user's home: HOME, else the account's, else a folder of the user's in temp."""
    home = _process(environ).get("HOME")
    if home:
        return _path(home)
    return _account_home() or _temporary_home()


def ccw_home(environ: Mapping[str, str]) -> Path:
    """Return the user's own folder (config, cache, models): CCW_HOME, else `~/.ccw`.

    It may not exist. UsageError when CCW_HOME is relative: every folder would have its own.
    """
    chosen = _process(environ).get("CCW_HOME")
    if not chosen:
        return _path(str(home_folder(environ)), ".ccw")
    folder = _expanded(chosen, environ)
    if not folder.is_absolute():
        raise UsageError(f"CCW_HOME is relative: {chosen}; write an absolute path, or ~/...")
    return folder


def user_config_path(environ: Mapping[str, str]) -> Path:
    """Return where the user's own config file is, or would be; it holds for all projects."""
    return _path(str(ccw_home(environ)), str(FILE_NAME))


def config_path(project: Path) -> Path:
    """Return where the config file of *project* is, or would be."""
    return project / CONFIG_FILE


def project_of(path: Path) -> Path | None:
    """Return the project whose config file *path* is; None for the user's own."""
    return path.parents[3] if path.parts[-4:] == CONFIG_FILE.parts else None


def is_inside(path: Path, folder: Path) -> bool:
    """Tell whether *path* is in *folder* once symlinks are resolved."""
    if _is_plainly_below(str(path), str(folder)):
        return True
    return Path(resolved(path)).is_relative_to(resolved(folder))


def resolved(path: Path) -> str:
    """Return where *path* leads; one with a NUL leads nowhere, and stays as it is written."""
    return str(path) if "\0" in str(path) else os.path.realpath(path)


def plainly_at(folder: str, names: Iterable[str]) -> os.stat_result | None:
    """Return what the system tells of the place that *names* lead to from *folder*, one by one.

    None where one of them is a link; OSError where one of them may not be looked at, or is missing.
    """
    place, found = folder, None
    for name in names:
        place = f"{place}/{name}"
        found = os.lstat(place)
        if stat.S_ISLNK(found.st_mode):
            return None
    return found


def is_there(path: Path) -> bool:
    """Tell whether *path* exists; what may not be looked at does not."""
    return os.path.exists(path)  # noqa: PTH110 (Path.exists raises for a closed parent)


def cache_folder(project: Path, cache_dir: str, environ: Mapping[str, str]) -> Path:
    """Return where *cache_dir* is: `~/.ccw` is CCW_HOME, `~` HOME, a relative one in *project*."""
    first, _, rest = cache_dir.partition("/")
    if first != "~":
        return project / cache_dir
    if Path(rest).parts[:1] == (".ccw",):
        return ccw_home(environ).joinpath(*Path(rest).parts[1:])
    return home_folder(environ) / rest


def find_project(cwd: Path, environ: Mapping[str, str], explicit: str | None = None) -> Path:
    """Return the project folder: *explicit*, CCW_PROJECT, the nearest one upwards, else *cwd*.

    The search goes no higher than the git root or the home folder, and the user's own folder
    `~/.ccw` does not make the home a project.
    """
    chosen = explicit or environ.get("CCW_PROJECT")
    if chosen:
        return _existing(cwd / _expanded(chosen, environ), "--project" if explicit else None)
    own = {os.path.realpath(ccw_home(environ)), os.path.realpath(home_folder(environ) / ".ccw")}
    for folder in _upwards(cwd, os.path.realpath(home_folder(environ))):
        if _is_folder(folder / STORAGE) and os.path.realpath(folder / ".ccw") not in own:
            return folder
    return cwd


def _process(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the real environment: a project's `.env` does not say where the user's things are."""
    process: Mapping[str, str] = getattr(environ, "process", environ)
    return process


def _is_plainly_below(path: str, folder: str) -> bool:
    """Tell that *path* continues *folder* without any link: a look that costs a fifth."""
    below = path.removeprefix(f"{folder}/")
    names = below.split("/")
    if below == path or ".." in names:
        return False
    place = folder
    for name in names:
        place = f"{place}/{name}"
        if os.path.islink(place):  # noqa: PTH114 (says no where it may not look)
            return False
    return True


def _upwards(cwd: Path, home: str) -> Iterator[Path]:
    for folder in (cwd, *cwd.parents):
        yield folder
        if os.path.lexists(folder / ".git") or os.path.realpath(folder) == home:
            return


def _is_folder(path: Path) -> bool:
    """Tell whether *path* is a folder; one that may not be looked at is none."""
    return os.path.isdir(path)  # noqa: PTH112 (Path.is_dir raises for a closed parent)


def _existing(folder: Path, option: str | None) -> Path:
    if _is_folder(folder):
        return folder.resolve()
    source = option or "CCW_PROJECT"
    raise UsageError(f"{source}: no such folder: {folder}; create it, or name another one")


def _expanded(text: str, environ: Mapping[str, str]) -> Path:
    if text == "~" or text.startswith("~/"):
        return home_folder(environ) / text[2:]
    return Path(text)


@lru_cache(maxsize=KNOWN)
def _path(*parts: str) -> Path:
    return Path(*parts)


def _account_home() -> Path | None:
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a container's user without an account
        return None


def _temporary_home() -> Path:
    import tempfile  # rarely needed, and loads hashlib, random and shutil

    return Path(tempfile.gettempdir()) / f"ccw-{os.getuid()}"
