"""The variables of a project: the real environment, over the lines of its `.env`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from ccw.config.references.parsing import Reference, references, replaced
from ccw.config.regular import read_regular
from ccw.errors import ConfigFileError

Seen = TypeVar("Seen")


@dataclass(frozen=True, eq=False, slots=True)
class ProjectEnviron(Mapping[str, str]):
    """All variables that a project's references see; as a mapping the merged ones.

    `process` is the real environment, which wins. `dotenv` has the names that the project's
    `.env` alone gave: not those that `process` has too, and not those whose line refers to a
    variable of `process`, because their values are the user's and not the project's.
    """

    project: Path
    process: Mapping[str, str] = field(repr=False)
    dotenv: Mapping[str, str] = field(repr=False, default_factory=dict)
    _merged: Mapping[str, str] = field(repr=False, default_factory=dict)
    _secrets: dict[str, str] = field(repr=False, default_factory=dict, init=False)
    _asking: Lock = field(repr=False, default_factory=Lock, init=False)
    _seen: dict[str, Any] = field(repr=False, default_factory=dict, init=False)

    def __getitem__(self, name: str) -> str:
        return self._merged[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._merged)

    def __len__(self) -> int:
        return len(self._merged)

    def once(self, what: str, look: Callable[[], Seen]) -> Seen:
        """Return what *look* found when *what* was first asked for in this object's life."""
        if what not in self._seen:
            self._seen[what] = look()
        found: Seen = self._seen[what]
        return found

    def secret(self, reference: Reference, where: str, owner: str) -> str:
        """Return what a keyring, file or command gives; each is asked once in this object's life.

        A command may take seconds: on an event loop, call from a thread.

        SecretUnavailable names *where* (the field) and what to do; *owner* is the provider's id.
        """
        from ccw.config.references.sources import read_source  # a call alone needs it

        with self._asking:
            if reference.written not in self._secrets:
                value = read_source(reference, where, owner, self.project, self.process)
                self._secrets[reference.written] = value
            return self._secrets[reference.written]


def project_environ(project: Path, environ: Mapping[str, str]) -> ProjectEnviron:
    """Return *environ* laid over the values of the project's `.env`, which may be missing."""
    # a folder named .env is a virtual environment
    if not os.path.isfile(f"{project}/.env"):  # noqa: PTH113 (costs a quarter)
        return ProjectEnviron(project, environ, {}, environ)
    merged, own = _dotenv(project / ".env", environ)
    return ProjectEnviron(project, environ, own, merged)


def _dotenv(path: Path, environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Read a `.env` file: its values below *environ*, and those that nothing of that went into.

    `${NAME}` inside it sees *environ* and the lines above.
    """
    from io import StringIO

    from dotenv import dotenv_values

    raw = dotenv_values(stream=StringIO(_read(path)), interpolate=False)
    seen = dict(environ)
    own: dict[str, str] = {}
    for name, text in raw.items():
        if text is None:  # "NAME" alone on its line sets nothing
            continue
        if name in environ:
            continue
        used = {r.argument for r in references(text) if _is_inner(r) and r.argument in seen}
        seen[name] = replaced(text, partial(_inner, seen))
        if used <= own.keys():
            own[name] = seen[name]
    return seen, own


def _inner(seen: Mapping[str, str], reference: Reference) -> str:
    if not _is_inner(reference):
        return reference.written
    return seen.get(reference.argument) or reference.default or ""


def _is_inner(reference: Reference) -> bool:
    """Tell whether a `.env` file knows this form: `${NAME}` alone, not `$NAME`."""
    return reference.kind == "variable" and reference.written.startswith("${")


def _read(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8-sig")
    except OSError as error:
        reason = f"cannot read {path}: {error.strerror}; check its permissions"
    except UnicodeDecodeError:
        reason = f"{path} is not UTF-8; save it as UTF-8"
    raise ConfigFileError(reason)
