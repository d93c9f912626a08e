"""Values as reading commands show them: references as written, literals hidden; pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from ccw.config.references.parsing import Reference, references, replaced

MARK = "…"  # stands for what a masked value hides; no key holds it
_LONG_WORD = re.compile(r"[^\s;,=]{12,}")
_USER_INFO = re.compile(r"//[^/@\s]*@")
_QUERY_VALUE = re.compile(r"([?&][^=&#\s]*=)([^&#\s]+)")
_PLAIN_QUERY = frozenset({"api-version", "api_version", "version", "region"})  # no secrets
# in a command: the value of an option that takes a secret, and words no path or name looks like
_SECRET_OPTION = re.compile(
    r"(?i)(-[\w-]{0,40}(?:token|passw\w{0,8}|secret|api-?key)(?:=|\s{1,9}))([^\s'\"]+)"
)
_SECRET_WORD = re.compile(
    r"(?<![\w/.:@+-])(?:sk-|(?=[\w.+-]*[0-9])(?=[\w.+-]*[A-Za-z]))[\w.+-]{12,}+(?!/)"
)
_SHOWN = 4  # characters of a literal that stay visible
_LONG_ENOUGH = 12  # a shorter literal shows nothing of itself


def mask(value: str) -> str:
    """Return *value* as reading commands show it: a reference as written, a literal hidden."""
    if not value:
        return value
    if not references(value):
        return _literal(value)
    return replaced(value, lambda r: _reference(r, _literal), _long_words)


def mask_address(value: str) -> str:
    """Return an address with user info and the values of its query hidden."""
    return replaced(value, lambda r: _reference(r, mask_address), _address)


def _reference(reference: Reference, default: Callable[[str], str]) -> str:
    """Return *reference* as written but for literal secrets in it."""
    if reference.default:
        return f"${{{reference.argument}:-{default(reference.default)}}}"
    if reference.kind == "unknown":
        return f"${{{_long_words(reference.argument)}}}"
    if reference.kind == "cmd":
        return f"${{cmd:{_command(reference.argument)}}}"
    return reference.written


def _command(argument: str) -> str:
    argument = _USER_INFO.sub(f"//{MARK}@", argument)
    argument = _SECRET_OPTION.sub(lambda match: match[1] + _literal(match[2]), argument)
    return _SECRET_WORD.sub(lambda match: _literal(match[0]), argument)


def _address(text: str) -> str:
    text = _USER_INFO.sub(f"//{MARK}@", text)
    return _QUERY_VALUE.sub(_query_value, text)


def _query_value(match: re.Match[str]) -> str:
    is_plain = match[1][1:-1].lower() in _PLAIN_QUERY
    return match[0] if is_plain else match[1] + _literal(match[2])


def _long_words(text: str) -> str:
    return _LONG_WORD.sub(lambda match: _literal(match[0]), text)


def _literal(value: str) -> str:
    return f"sk-{MARK}{value[-_SHOWN:] if len(value) >= _LONG_ENOUGH else ''}"
