"""An address as the project gives it: what the user sees of it, and where it really leads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from ccw.config.bases import host_of, is_loopback, origin_of
from ccw.config.references import ProjectEnviron, Reference, project_environ, references, replaced
from ccw.config.trust.belonging import outside_file
from ccw.errors import SecretUnavailable

_ORIGIN = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?[^/?#\\]*")
_USER_INFO = re.compile(r"(?<=//)[^/?#]*@")
_STAND_INS = 0xF0000  # private use: no address holds these


@dataclass(frozen=True, slots=True)
class Address:
    """An address; *shown* holds no value of the user's, *actual* is None when it takes a secret."""

    written: str
    shown: str
    actual: str | None

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine's own."""
        return self.actual is not None and is_loopback(host_of(origin_of(self.actual)))

    def is_only(self, reference: Reference) -> bool:
        """Whether *reference* is the whole origin: its value then goes to nobody but itself."""
        return reference.kind == "variable" and self.shown == f"${{{reference.argument}}}"


def address(written: str, environ: ProjectEnviron) -> Address:
    """Return the address *written*; what the project itself fills in is filled in."""
    if not references(written):
        return Address(written, _origin(written.strip()), written.strip())
    return Address(written, _shown(written, environ), _actual(written, environ))


def _actual(written: str, environ: ProjectEnviron) -> str | None:
    known = True

    def value(reference: Reference) -> str:
        nonlocal known
        if reference.kind == "variable":
            return environ.get(reference.argument) or reference.default or ""
        text = _own_text(reference, environ)
        known = known and text is not None
        return text or ""

    text = replaced(written, value).strip()
    return text if known else None


def _shown(written: str, environ: ProjectEnviron) -> str:
    """Return the origin with references to what is the user's as written.

    While the text is cut, a character of private use stands for each of them: a reference may
    itself hold what ends a host.
    """
    stand_ins = _StandIns()
    own = _own_values(environ, stand_ins)

    def value(reference: Reference) -> str:
        if reference.kind == "variable":
            known = own.get(reference.argument) or reference.default
            if known or reference.argument in environ:
                return known or ""
            return stand_ins.of(f"${{{reference.argument}}}")
        return _own_text(reference, environ) or stand_ins.of(reference.written)

    return stand_ins.undone(_origin(replaced(written, value).strip()))


def _own_values(environ: ProjectEnviron, stand_ins: _StandIns) -> Mapping[str, str]:
    """Return the variables, with a stand-in for each value of the real environment.

    That also shows what a line of the `.env` has taken from there.
    """
    process = stand_ins.of_all(environ.process)
    has_dotenv = any(name not in environ.process for name in environ)
    return project_environ(environ.project, process) if has_dotenv else process


def _origin(text: str) -> str:
    text = _USER_INFO.sub("…@", text)
    clean = origin_of(text)
    if clean:
        return clean
    match = _ORIGIN.match(text)
    return match[0] if match else text


def _own_text(reference: Reference, environ: ProjectEnviron) -> str | None:
    """Return the content of a file inside the project, None for any other source."""
    if reference.kind != "file" or outside_file(reference.argument, environ) is not None:
        return None
    try:
        return environ.secret(reference, "an address", "ID")
    except SecretUnavailable:
        return None


class _StandIns:
    """Characters that stand for references, each for one."""

    def __init__(self) -> None:
        self._free: Iterator[int] = count(_STAND_INS)
        self._meaning: dict[str, str] = {}

    def of(self, text: str) -> str:
        """Return the character for *text*."""
        character = chr(next(self._free))
        self._meaning[character] = text
        return character

    def of_all(self, process: Mapping[str, str]) -> dict[str, str]:
        """Return *process* with a character for each value that is not empty."""
        return {name: self.of(f"${{{name}}}") if value else "" for name, value in process.items()}

    def undone(self, text: str) -> str:
        """Return *text* with the references back in their places."""
        return "".join(self._meaning.get(character, character) for character in text)
