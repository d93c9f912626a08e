"""Values with their references filled in."""

from __future__ import annotations

from collections.abc import Mapping

from ccw.config.references.environs import ProjectEnviron
from ccw.config.references.parsing import (
    Reference,
    has_sources,
    problems,
    references,
    replaced,
    unset_variables,
)
from ccw.errors import InvalidValue, MissingVariable, SecretUnavailable

_LONG_ENOUGH = 12  # a shorter value equals others by accident


def substitute(value: str, environ: Mapping[str, str]) -> str:
    """Replace every reference in *value*; what is unset, or no variable, becomes "".

    Nothing but *environ* is read: no keyring, no file, no command.
    """

    def plain(reference: Reference) -> str:
        return _variable(reference, environ) if reference.kind == "variable" else ""

    return replaced(value, plain)


def expand(value: str, environ: Mapping[str, str], field: str, *, owner: str = "ID") -> str:
    """Replace every reference in *value*, for a call: keyring, files and commands are asked.

    That takes a ProjectEnviron. MissingVariable, InvalidValue and SecretUnavailable name the
    *field* and what to do; *owner* is the provider's id in what to type.
    """
    if "$" not in value:
        return value
    for problem in problems(value):
        raise InvalidValue(f"{field}: {problem}")
    unset = unset_variables(value, environ)
    if unset:
        raise MissingVariable(
            f"environment variable {unset[0]} is not set ({field} refers to it); "
            f"export {unset[0]}=… or put it into the project's .env"
        )

    def any_kind(reference: Reference) -> str:
        if reference.kind == "variable":
            return _variable(reference, environ)
        return _secret(reference, environ, field, owner)

    return replaced(value, any_kind)


def fill(value: str, environ: Mapping[str, str], field: str, *, owner: str = "ID") -> str:
    """Replace every reference in *value* as `expand` does, but take what is unset as ""."""
    if not has_sources(value) or unset_variables(value, environ):
        return substitute(value, environ)
    return expand(value, environ, field, owner=owner)


def equal_variable(value: str, environ: Mapping[str, str]) -> str | None:
    """Return the name of a set variable whose value is the literal *value*, to hint at it."""
    if len(value) < _LONG_ENOUGH or references(value):
        return None
    return next((name for name in sorted(environ) if environ[name] == value), None)


def _variable(reference: Reference, environ: Mapping[str, str]) -> str:
    return environ.get(reference.argument) or reference.default or ""


def _secret(reference: Reference, environ: Mapping[str, str], field: str, owner: str) -> str:
    if isinstance(environ, ProjectEnviron):
        return environ.secret(reference, field, owner)
    raise SecretUnavailable(
        f"{field} refers to a {reference.kind}, which can be asked for a project's call alone; "
        "use project_environ(project, environ)"
    )
