"""Values kept as `${NAME}`: resolve them against a mapping, name what is unset, mask the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ccw.errors import ConfigFileError, MissingVariable

MARK = "…"  # stands for what a masked value hides; no key holds it
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_WHOLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_LONG_WORD = re.compile(r"[^\s;,=]{12,}")
_USER_INFO = re.compile(r"//[^/@\s]*@")
_QUERY_VALUE = re.compile(r"([?&][^=&#\s]*=)([^&#\s]+)")
Hide = Callable[[str], str]
_SHOWN = 4  # characters of a literal that stay visible
_LONG_ENOUGH = 12  # a shorter literal shows nothing of itself


def variables(value: str) -> tuple[str, ...]:
    """Return the names that *value* refers to, in order."""
    whole = _WHOLE.fullmatch(value)
    if whole:
        return (whole[1],)
    return tuple(match[1] for match in _REFERENCE.finditer(value))


def unset_variables(value: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that *value* needs and *environ* does not have; a default needs none."""
    whole = _WHOLE.fullmatch(value)
    if whole:
        return () if whole[1] in environ else (whole[1],)
    needed = (match[1] for match in _REFERENCE.finditer(value) if match[2] is None)
    return tuple(name for name in needed if name not in environ)


def substitute(value: str, environ: Mapping[str, str]) -> str:
    """Replace every reference in *value*; an unset variable without a default becomes ""."""
    whole = _WHOLE.fullmatch(value)
    if whole:
        return environ.get(whole[1], "")
    return _REFERENCE.sub(lambda match: environ.get(match[1]) or match[2] or "", value)


def expand(value: str, environ: Mapping[str, str], field: str) -> str:
    """Replace every reference in *value*; MissingVariable names what is unset and its *field*."""
    unset = unset_variables(value, environ)
    if unset:
        raise MissingVariable(
            f"environment variable {unset[0]} is not set ({field} refers to it); "
            f"export {unset[0]}=… or put it into the project's .env"
        )
    return substitute(value, environ)


def mask(value: str) -> str:
    """Return *value* as reading commands show it: a reference as written, a literal hidden."""
    if not value or _WHOLE.fullmatch(value):
        return value
    if not _REFERENCE.search(value):
        return _mask_literal(value)
    return _outside_references(value, lambda text: _LONG_WORD.sub(_mask_match, text))


def mask_address(value: str) -> str:
    """Return an address with user info and the values of its query hidden."""

    def hide(text: str) -> str:
        text = _USER_INFO.sub(f"//{MARK}@", text)
        return _QUERY_VALUE.sub(lambda match: match[1] + _mask_literal(match[2]), text)

    return _REFERENCE.sub(_hide_default_address, _outside_references(value, hide, keep=True))


def equal_variable(value: str, environ: Mapping[str, str]) -> str | None:
    """Return the name of a set variable whose value is the literal *value*, to hint at it."""
    if len(value) < _LONG_ENOUGH or variables(value):
        return None
    return next((name for name in sorted(environ) if environ[name] == value), None)


def project_environ(project: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return *environ* laid over the values of the project's `.env`, which may be missing."""
    path = project / ".env"
    if not path.is_file():  # a folder named .env is a virtual environment
        return environ
    return {**_dotenv(path, environ), **environ}


def _dotenv(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Read a `.env` file; `${NAME}` inside it sees *environ* and the lines above."""
    from io import StringIO

    from dotenv import dotenv_values

    raw = dotenv_values(stream=StringIO(_read(path)), interpolate=False)
    values: dict[str, str] = {}
    for name, value in raw.items():
        if value is not None:  # "NAME" alone on its line sets nothing
            values[name] = _inner(value, {**values, **environ})
    return values


def _inner(value: str, environ: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda match: environ.get(match[1]) or match[2] or "", value)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = f"cannot read {path}: {error.strerror}; check its permissions"
    except UnicodeDecodeError:
        reason = f"{path} is not UTF-8; save it as UTF-8"
    raise ConfigFileError(reason)


def _mask_literal(value: str) -> str:
    return f"sk-{MARK}{value[-_SHOWN:] if len(value) >= _LONG_ENOUGH else ''}"


def _mask_match(match: re.Match[str]) -> str:
    return _mask_literal(match[0])


def _outside_references(value: str, hide: Hide, *, keep: bool = False) -> str:
    """Apply *hide* to the text between references; hide their defaults unless told to *keep*."""
    parts: list[str] = []
    end = 0
    for match in _REFERENCE.finditer(value):
        parts += [hide(value[end : match.start()]), match[0] if keep else _hide_default(match)]
        end = match.end()
    return "".join([*parts, hide(value[end:])])


def _hide_default(match: re.Match[str]) -> str:
    return f"${{{match[1]}:-{_mask_literal(match[2])}}}" if match[2] else match[0]


def _hide_default_address(match: re.Match[str]) -> str:
    return f"${{{match[1]}:-{mask_address(match[2])}}}" if match[2] else match[0]
