"""The lines of ignore files, parsed as git parses them."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from ccw.context.files.wildmatch import SPECIAL, translate


class Rule(NamedTuple):
    """One line of an ignore file; one of `name`, `suffix`, `name_regex`, `path_regex` is set.

    `folders` are the literal folders that lead to where the rule applies; None: at any depth. A
    `path_regex` is matched against the path from there, the others against the base name; what it
    certainly asks of the base name is its `last`, a wildmatch pattern, or empty.
    """

    text: str
    source: str  # path of the ignore file as shown
    line: int  # 1-based
    negated: bool
    folder_only: bool
    folders: tuple[str, ...] | None
    name: str | None = None
    suffix: str | None = None
    name_regex: re.Pattern[str] | None = None
    path_regex: re.Pattern[str] | None = None
    last: str = ""

    def may_match(self, extension: str) -> bool:
        """Tell whether a name with this *extension* (from its last dot on) may be matched."""
        ending = self.name or self.suffix or _ending(self.last)
        dot = ending.rfind(".")
        return dot < 0 or ending[dot:] == extension

    @property
    def origin(self) -> str:
        """The rule and where it stands, for a person."""
        return f"`{self.text}` in {self.source}:{self.line}"


def parse_rules(content: bytes, source: str) -> list[Rule]:
    """Parse an ignore file in git's syntax; lines that can match nothing are left out."""
    rules = []
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        line = _trimmed(raw.removesuffix(b"\r").partition(b"\0")[0].decode("latin-1"))
        if line and not line.startswith("#") and (rule := _rule(line, source, number)):
            rules.append(rule)
    return rules


def _ending(last: str) -> str:
    """Return what names certainly end in that the wildmatch pattern *last* matches."""
    ending = last[1 + max(map(last.rfind, "*?]\\")) :]
    return ending if ending.isascii() and "[" not in ending else ""


def as_bytes_text(name: str) -> str:
    """Return *name* as the latin-1 text of its bytes, which expressions are matched with."""
    return name if name.isascii() else os.fsencode(name).decode("latin-1")


def _trimmed(line: str) -> str:
    """Drop trailing spaces that no backslash protects."""
    last, position = -1, 0
    while position < len(line):
        if line[position] == " ":
            last = position if last < 0 else last
        else:
            if line[position] == "\\":
                position += 1
                if position == len(line):
                    return line
            last = -1
        position += 1
    return line if last < 0 else line[:last]


def _rule(line: str, source: str, number: int) -> Rule | None:
    negated = line.startswith("!")
    body = line[1:] if negated else line
    folder_only = body.endswith("/")
    body = body[:-1] if folder_only else body
    folders: tuple[str, ...] | None = None
    if "/" in body:
        folders, body = _literal_folders(body.removeprefix("/"))
        if folders == () and body.startswith("**/") and _is_name(body[3:]):
            folders, body = None, body[3:]
    if not body or (folders and "" in folders):
        return None
    text = os.fsdecode(line.encode("latin-1"))
    name, suffix, name_regex, path_regex = _test(body, in_path=folders is not None)
    last = body if name_regex else body.rpartition("/")[2] if path_regex else ""
    return Rule(
        *(text, source, number, negated, folder_only, folders),
        *(name, suffix, name_regex, path_regex, "" if "**" in last else last),
    )


def _is_name(text: str) -> bool:
    return "/" not in text and "**" not in text


def _literal_folders(body: str) -> tuple[tuple[str, ...], str]:
    """Split off the folders that stand before the first special character."""
    special = next((i for i, char in enumerate(body) if char in SPECIAL), len(body))
    cut = body.rfind("/", 0, special) + 1
    folders = body[:cut].split("/")[:-1]
    return tuple(os.fsdecode(folder.encode("latin-1")) for folder in folders), body[cut:]


def _test(
    body: str, *, in_path: bool
) -> tuple[str | None, str | None, re.Pattern[str] | None, re.Pattern[str] | None]:
    """Return what *body* asks of a name or a path, in the cheapest form that says it."""
    if not SPECIAL.intersection(body):
        return os.fsdecode(body.encode("latin-1")), None, None, None
    if body[0] == "*" and not SPECIAL.intersection(body[1:]) and "/" not in body:
        return None, os.fsdecode(body[1:].encode("latin-1")), None, None
    regex = re.compile(_with_literal_start(body), re.DOTALL)
    if in_path and not _is_name(body):
        return None, None, None, regex
    return None, None, regex, None


def _with_literal_start(body: str) -> str:
    """Translate *body* as git does: its literal start apart, so that `a**/b` crosses folders."""
    special = next(i for i, char in enumerate(body) if char in SPECIAL)
    return re.escape(body[:special]) + translate(body[special:])
