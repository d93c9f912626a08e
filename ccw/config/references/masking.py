"""Values as reading commands show them: references as written, literals hidden; pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from ccw.config.references.parsing import Reference, references, replaced

MARK = "…"  # stands for what a masked value hides; no key holds it
_LONG_WORD = re.compile(r"[^\s;,=]{12,}")
_USER_INFO = re.compile(r"//[^/@\s]*@")
# in a query: what is no secret, and a name of a value; any other may be a secret with padding
_PLAIN_QUERY = re.compile(r"(?i)(?:api-version|api_version|version|region)=[\w.-]{0,24}")
_QUERY_NAME = re.compile(r"[A-Za-z_.-]{1,32}|[^=]{1,11}")
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
    """Return an address with user info hidden, and of its query all but references and names."""
    masking = _Masking()
    return replaced(value, masking.reference, masking.text)


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
    argument = _without_user(argument)
    argument = _SECRET_OPTION.sub(lambda match: match[1] + _literal(match[2]), argument)
    return _SECRET_WORD.sub(lambda match: _literal(match[0]), argument)


class _Masking:
    """Masks one address from its beginning to its end, references as they come."""

    def __init__(self) -> None:
        self._opens = "?"  # what begins the query
        self._word: str | None = None  # of the query, as far as it is read; None before the query

    def reference(self, reference: Reference) -> str:
        """Return *reference*, its default masked as what would stand in its place."""
        shown = _reference(reference, self.text)
        self._opens = "?&"  # its value may hold the beginning of the query
        if self._word is not None:
            self._word = self._word or MARK
        return shown

    def text(self, text: str) -> str:
        """Return *text*, the next piece of the address, as it is shown."""
        start = 0
        if self._word is None:
            text = _without_user(text)  # first: a password may hold what begins a query
            opening = re.search(f"[{self._opens}]", text)
            if opening is None:
                return text
            self._word, start = "", opening.end()
        first, *others = text[start:].split("&")
        return text[:start] + "&".join([self._further(first), *map(self._new, others)])

    def _new(self, word: str) -> str:
        self._word = ""
        return self._further(word)

    def _further(self, text: str) -> str:
        """Return what follows in the same word, which may be all of it."""
        before = self._word or ""
        word = before + text
        if _PLAIN_QUERY.fullmatch(word):
            self._word = word
            return text
        self._word = word and MARK
        name, equals, value = text.partition("=")
        if before or not equals or value == "=" or not _QUERY_NAME.fullmatch(name):
            return _literal(text) if text else ""
        return f"{name}={_literal(value) if value else ''}"


def _without_user(text: str) -> str:
    return _USER_INFO.sub(f"//{MARK}@", text)


def _long_words(text: str) -> str:
    return _LONG_WORD.sub(lambda match: _literal(match[0]), text)


def _literal(value: str) -> str:
    return f"sk-{MARK}{value[-_SHOWN:] if len(value) >= _LONG_ENOUGH else ''}"
