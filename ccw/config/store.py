"""The config file: find it, load it, change it under a lock, save it whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from ccw.atomic import replace_file, sweep
from ccw.config.json_file import read_json
from ccw.config.migrations import migrated
from ccw.config.models import CURRENT_VERSION, LiteLLMApiConfig
from ccw.config.places import ccw_home as ccw_home
from ccw.config.places import config_path as config_path
from ccw.config.places import find_project as find_project
from ccw.config.places import is_inside, project_of, resolved
from ccw.config.regular import read_regular
from ccw.config.validation import parse
from ccw.config.views import written
from ccw.errors import ConfigFileError, InvalidValue

Result = TypeVar("Result")
Edit = Callable[[LiteLLMApiConfig], tuple[LiteLLMApiConfig, Result]]
OnSaved = Callable[[LiteLLMApiConfig, LiteLLMApiConfig], None]
LOCK_SECONDS = 60
CHECK_AGAIN = ", then: ccw config validate"


def load(project: Path) -> LiteLLMApiConfig:
    """Return the project's configuration; a missing file means the defaults, nothing is written."""
    return load_file(config_path(project)) or LiteLLMApiConfig()


def load_file(path: Path) -> LiteLLMApiConfig | None:
    """Return the configuration in the file at *path*, None when there is no such file."""
    raw = _read(path)
    return None if raw is None else parse_config(raw, path)


def parse_config(raw: bytes, path: Path) -> LiteLLMApiConfig:
    """Return the configuration in *raw*, the content of the file at *path*.

    ConfigFileError says what is wrong and where; it never holds a value of the file.
    """
    config, _ = _parsed(raw, path)
    return config


def update(project: Path, edit: Edit[Result], on_saved: OnSaved | None = None) -> Result:
    """Change the project's config file; see `update_file`."""
    return update_file(config_path(project), edit, on_saved)


def update_file(path: Path, edit: Edit[Result], on_saved: OnSaved | None = None) -> Result:
    """Load, apply *edit*, save; return what *edit* returned beside the new configuration.

    Other processes and threads wait meanwhile, so that no update is lost. When *edit* returns the
    configuration it was given, or raises, nothing is written. After a save *on_saved* is called
    with the old and the new configuration, still under the lock.
    """
    target = Path(os.path.realpath(path))  # a symlink stays one
    _require_own(path)
    with _lock(target):
        raw = _read(target)
        old, is_older = (_initial(), False) if raw is None else _parsed(raw, target)
        new, result = edit(old)
        if new is not old:
            data = _serialised(new)
            _require_writable(target)
            if raw is not None and is_older:
                _save(target.with_name(target.name + ".bak"), raw)
            _save(target, data)
            if on_saved is not None:
                on_saved(old, new)
    return result


def _initial() -> LiteLLMApiConfig:
    """Return a configuration without anything, whose first save spells out the main keys.

    The cache settings are left out: written, they would hide those of the user's own file.
    """
    return LiteLLMApiConfig(providers=(), endpoints=(), default_endpoint=None)


def _read(path: Path) -> bytes | None:
    try:
        raw = read_regular(path)
        _require_own(path)
        return raw
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror
    raise ConfigFileError(f"cannot read {path}: {reason}; check the file and its permissions")


def _require_own(path: Path) -> None:
    """Refuse a project's file that leads out of the project: what is there is not the project's.

    The user's own file may be a link to anywhere.
    """
    project = project_of(path)
    if project is None or is_inside(path, project):
        return
    raise ConfigFileError(
        f"{path} leads out of the project, to {resolved(path)}, and is not used; put the file "
        "itself into the project (what holds for all projects goes into your own, with --user)"
    )


def _parsed(raw: bytes, path: Path) -> tuple[LiteLLMApiConfig, bool]:
    """Return the configuration and whether the file is of an older version."""

    def error(problems: str) -> ConfigFileError:
        return ConfigFileError(f"{path}: {problems}; correct it{CHECK_AGAIN}")

    data = read_json(raw, path)
    if not isinstance(data, dict):
        raise error("expected an object at the top level")
    current = migrated(data, path)
    config = parse(LiteLLMApiConfig, current, error)
    for name, ids in (
        ("providers", [provider.id for provider in config.providers]),
        ("endpoints", [endpoint.id for endpoint in config.endpoints]),
    ):
        index = _duplicate(ids)
        if index is not None:
            raise error(f"{name}[{index}].id: {ids[index]} is there twice; rename one of them")
    return config, current is not data


def _duplicate(ids: list[str]) -> int | None:
    if len(set(ids)) == len(ids):
        return None
    return next(index for index, value in enumerate(ids) if value in ids[:index])


def _serialised(config: LiteLLMApiConfig) -> bytes:
    content = {"version": CURRENT_VERSION, **written(config)}
    try:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode()
    except (TypeError, ValueError) as error:  # only data from Python can hold such a value
        kind = type(error).__name__
    raise InvalidValue(f"a value cannot be written as JSON ({kind}); use texts, numbers, lists")


def _lock(target: Path) -> AbstractContextManager[object]:
    """Return the lock beside *target*; its file stays, so that all waiters see the same one."""
    from filelock import FileLock, Timeout

    _make_folder(target.parent)
    lock = FileLock(f"{target}.lock", timeout=LOCK_SECONDS, poll_interval=0.01, mode=0o600)
    try:
        return lock.acquire()
    except Timeout:
        reason = f"another process holds {target}.lock for over {LOCK_SECONDS} s; end it"
    except OSError as error:
        reason = f"cannot write in {target.parent}: {error.strerror}; nothing was saved"
    raise ConfigFileError(reason)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror
    else:
        return
    raise ConfigFileError(f"cannot create {folder}: {reason}; nothing was saved")


def _require_writable(target: Path) -> None:
    """Refuse a file that its owner has made read-only; replacing it would need no such right."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if not mode & 0o222:
        raise ConfigFileError(
            f"{target} is read-only, nothing was saved; to change it: chmod u+w {target}"
        )


def _save(path: Path, data: bytes) -> None:
    try:
        sweep(path)  # under the lock nobody else writes there
        replace_file(path, data)
    except OSError as error:
        reason = error.strerror
    else:
        return
    raise ConfigFileError(f"cannot write {path}: {reason}; the old file is as it was")
