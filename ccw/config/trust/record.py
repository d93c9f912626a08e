"""What the user has agreed to, per project: `~/.ccw/trust.json`.

A record that cannot be trusted itself is an error; it never means that all is agreed.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, get_args

from ccw.atomic import replace_file, sweep
from ccw.config.json_file import read_json
from ccw.config.trust.wishes import Kind, Wish
from ccw.errors import ConfigFileError, TrustRecordUnusable

RECORD_FILE = "trust.json"
VERSION = 1
LOCK_SECONDS = 30
MAX_BYTES = 16 * 1024 * 1024
Record = Mapping[str, frozenset[Wish]]  # by the real path of the project
_KINDS = get_args(Kind)
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def project_key(project: Path) -> str:
    """Return under which name *project* is remembered: a moved or copied one is another."""
    return os.path.realpath(project)


def read_record(home: Path) -> Record:
    """Return what has been agreed; *home* is the user's own folder. A missing file: nothing.

    TrustRecordUnusable when the file is broken, or not the user's alone.
    """
    path = home / RECORD_FILE
    try:
        raw = _read(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise TrustRecordUnusable(f"cannot read {path}: {error.strerror}; {_RESET}") from None
    return _parsed(raw, path)


def agreed(home: Path, project: Path) -> frozenset[Wish]:
    """Return what has been agreed for *project*."""
    return _asked(_entries(home, project))


def vouched(home: Path, project: Path) -> frozenset[str]:
    """Return the references and addresses that the user wrote, or agreed to, for *project*."""
    entries = _entries(home, project)
    return frozenset(text for entry in entries for text in (entry.what, entry.where) if text)


def agree(home: Path, project: Path, wishes: frozenset[Wish]) -> None:
    """Add *wishes* to what is agreed for *project*."""
    _change(home, project, lambda old: old | wishes)


def forget(home: Path, project: Path) -> frozenset[Wish]:
    """Take back all that was agreed for *project*; return what that was."""
    before = _entries(home, project)
    if before:
        _change(home, project, lambda _old: frozenset())
    return _asked(before)


def _entries(home: Path, project: Path) -> frozenset[Wish]:
    return read_record(home).get(project_key(project), frozenset())


def _asked(entries: frozenset[Wish]) -> frozenset[Wish]:
    return frozenset(entry for entry in entries if entry.kind != "written")


_RESET = "correct it, or delete it and agree anew with ccw trust"


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        problem = _problem(status)
        if problem:
            raise TrustRecordUnusable(f"{path} {problem}")
        return file.read(MAX_BYTES)


def _problem(status: os.stat_result) -> str | None:
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file; remove it"
    if status.st_uid != os.geteuid():
        return "belongs to another user, who could have agreed to anything; remove it"
    if status.st_mode & _OTHERS_MAY_WRITE:
        return "can be written by others; look through it, then: chmod 600 it"
    return None


def _parsed(raw: bytes, path: Path) -> dict[str, frozenset[Wish]]:
    try:
        data = read_json(raw, path)
    except ConfigFileError as error:
        problem = str(error)
    else:
        return _projects(data, path)
    raise TrustRecordUnusable(f"{problem} (or agree anew with ccw trust once it is gone)")


def _projects(data: Any, path: Path) -> dict[str, frozenset[Wish]]:
    """Return the projects of a record; anything unexpected in it spoils the whole."""
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise TrustRecordUnusable(f"{path} was written by a newer ccw; update ccw")
    projects = data.get("projects") if isinstance(data, dict) else None
    if version != VERSION or not isinstance(projects, dict):
        raise TrustRecordUnusable(f"{path} is not what ccw has written; {_RESET}")
    return {name: _wishes(entries, path) for name, entries in projects.items()}


def _wishes(entries: Any, path: Path) -> frozenset[Wish]:
    if isinstance(entries, list) and all(map(_is_wish, entries)):
        return frozenset(Wish(**entry) for entry in entries)
    raise TrustRecordUnusable(f"{path} is not what ccw has written; {_RESET}")


def _is_wish(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {"kind", "what", "where"}
        and all(isinstance(value, str) for value in entry.values())
        and entry["kind"] in _KINDS
    )


def _change(home: Path, project: Path, edit: Callable[[frozenset[Wish]], frozenset[Wish]]) -> None:
    path, key = Path(os.path.realpath(home / RECORD_FILE)), project_key(project)
    with _lock(path):
        record = dict(read_record(home))
        old = record.pop(key, frozenset())
        new = edit(old)
        if new == old:
            return
        _save(path, {**record, key: new} if new else record)


def _lock(path: Path) -> AbstractContextManager[object]:
    from filelock import FileLock, Timeout

    lock = FileLock(f"{path}.lock", timeout=LOCK_SECONDS, poll_interval=0.01, mode=0o600)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return lock.acquire()
    except Timeout:
        reason = f"another process holds {path}.lock for over {LOCK_SECONDS} s; end it"
    except OSError as error:
        reason = _unwritable(path, error)
    raise TrustRecordUnusable(reason)


def _save(path: Path, record: Record) -> None:
    projects = {name: _plain(record[name]) for name in sorted(record)}
    text = json.dumps({"version": VERSION, "projects": projects}, indent=2)
    try:
        sweep(path)  # under the lock nobody else writes there
        replace_file(path, f"{text}\n".encode())
    except OSError as error:
        reason = _unwritable(path, error)
    else:
        return
    raise TrustRecordUnusable(reason)


def _plain(wishes: frozenset[Wish]) -> list[dict[str, str]]:
    return [{"kind": w.kind, "what": w.what, "where": w.where} for w in sorted(wishes)]


def _unwritable(path: Path, error: OSError) -> str:
    return (
        f"cannot write {path}: {error.strerror}; nothing was remembered. "
        "CCW_TRUST=1 in the environment agrees for one process"
    )
