"""What a value refers to; pure, so that reading and checking never run or open anything."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["variable", "keyring", "file", "cmd", "unknown"]
Replace = Callable[["Reference"], str]
SOURCES: tuple[Kind, ...] = ("keyring", "file", "cmd")  # what it takes more than a mapping to fill
ALLOWED = "${NAME}, ${NAME:-default}, ${keyring:service/user}, ${file:PATH} or ${cmd:COMMAND}"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# an argument may hold braces in pairs: ${cmd:awk '{print $1}' keys.txt}
_REFERENCE = re.compile(
    rf"\$\{{(?:({_NAME})(?::-([^}}]*))?|([A-Za-z][A-Za-z0-9_-]*):((?:[^{{}}]|\{{[^{{}}]*\}})*))\}}"
)
_WHOLE = re.compile(rf"\$({_NAME})")


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference of a value.

    `argument` is the variable's name, `service/user`, the path, or the command with its
    arguments; of an unknown kind all between the braces. `default` belongs to variables and is
    None where there is none. `written` is the reference as it stands in the value; like
    `default` it may hold a literal secret.
    """

    kind: Kind
    argument: str
    default: str | None = None
    written: str = ""


def references(value: str) -> tuple[Reference, ...]:
    """Return what *value* refers to, in order."""
    if "$" not in value:
        return ()
    whole = _WHOLE.fullmatch(value)
    if whole:
        return (Reference("variable", whole[1], None, value),)
    return tuple(_reference(match) for match in _REFERENCE.finditer(value))


def variables(value: str) -> tuple[str, ...]:
    """Return the names of the variables that *value* refers to, in order."""
    return tuple(r.argument for r in references(value) if r.kind == "variable")


def unset_variables(value: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that *value* needs and *environ* does not have; a default needs none."""
    needed = (r for r in references(value) if r.kind == "variable" and r.default is None)
    return tuple(r.argument for r in needed if r.argument not in environ)


def has_sources(value: str) -> bool:
    """Tell whether a keyring, a file or a command is needed to fill *value*."""
    return "${" in value and any(reference.kind in SOURCES for reference in references(value))


def replaced(value: str, replace: Replace, text: Callable[[str], str] = str) -> str:
    """Return *value* with *replace* applied to its references, *text* to what is between them."""
    if "$" not in value:
        return text(value)
    whole = _WHOLE.fullmatch(value)
    if whole:
        return replace(references(value)[0])
    parts: list[str] = []
    end = 0
    for match in _REFERENCE.finditer(value):
        parts += [text(value[end : match.start()]), replace(_reference(match))]
        end = match.end()
    return "".join([*parts, text(value[end:])])


def outside_references(value: str) -> str:
    """Return what of *value* is no reference."""
    return replaced(value, lambda _reference: "")


def problems(value: str) -> tuple[str, ...]:
    """Return what is wrong with the references of *value* as they are written."""
    return tuple(problem for r in references(value) for problem in _problems(r))


def keyring_entry(argument: str) -> tuple[str, str]:
    """Return service and user of `service/user`; a service may hold slashes, a user none."""
    service, _, user = argument.rpartition("/")
    return service, user


def file_place(project: Path, argument: str, home: Path) -> Path:
    """Return where `${file:ARGUMENT}` leads, symlinks not resolved: `~` is *home*."""
    path = argument.strip()
    return home / path[2:] if path == "~" or path.startswith("~/") else project / path


def _reference(match: re.Match[str]) -> Reference:
    name, default, kind, argument = match.groups()
    if name:
        return Reference("variable", name, default, match[0])
    for known in SOURCES:
        if kind == known:
            return Reference(known, argument, None, match[0])
    return Reference("unknown", f"{kind}:{argument}", None, match[0])


def _problems(reference: Reference) -> Iterator[str]:
    kind, argument = reference.kind, reference.argument
    if kind == "unknown":
        unknown = argument.partition(":")[0]
        yield f"${{{unknown}:…}} is no kind of reference; write {ALLOWED}"
    elif kind != "variable" and "${" in argument:
        yield f"${{{kind}:…}} holds another reference; references do not nest"
    elif kind == "keyring" and not all(keyring_entry(argument)):
        yield "${keyring:…} needs a service and a user: ${keyring:service/user}"
    elif kind == "file" and not argument.strip():
        yield "${file:…} needs a path: ${file:~/.secrets/key}"
    elif kind == "cmd":
        yield from _command_problems(argument)


def _command_problems(argument: str) -> Iterator[str]:
    try:
        words = shlex.split(argument)
    except ValueError:  # its text may quote the command
        yield "${cmd:…} has a quote or backslash without its end"
        return
    if not words or not words[0]:
        yield "${cmd:…} needs a command: ${cmd:pass show openai}"
