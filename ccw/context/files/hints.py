"""Why a pattern found nothing, as far as that is cheap to tell; loaded only for a message."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import takewhile

from ccw.context.files.contain import printable
from ccw.context.files.globs import has_magic, split_parts, unescaped
from ccw.context.files.names import IGNORED_FOLDERS, IGNORED_SUFFIX
from ccw.context.files.search import Search
from ccw.context.files.start import IgnoreRules
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope

_LISTED = 10_000  # names of a folder that are compared
SAME_ENDING = 0.66  # difflib's ratio of two names without their endings: scr is near src
OTHER_ENDING = 0.75
LOOKS_THE_SAME = "It looks the same, but its accents are encoded in another way"
_LINES = re.compile(r":([0-9]+(?:-[0-9]+)?)\Z")


def hint(pattern: Pattern, scope: Scope) -> str:
    """Return what kept *pattern* from matching, or a name that is near, or an empty text."""
    base = _literal_start(pattern.glob, scope)
    if is_closed(base):
        return f"{_shown(base, scope)}: permission denied"
    ignored = _first_ignored(pattern, scope)
    if ignored:
        shown, reason = _shown(ignored, scope), ignored_by(ignored, scope)
        return f"it matches only ignored files, such as {shown} ({reason}); name a file exactly"
    if os.path.isdir(base) and not has_magic(pattern.glob):
        return _without_files(base)
    return near(pattern, scope)


def near(pattern: Pattern, scope: Scope) -> str:
    """Ask whether the existing path was meant that is nearest to *pattern*; "" for none."""
    with_lines = pattern.token.removeprefix("@").removeprefix("!")
    if pattern.lines and os.path.lexists(os.path.join(scope.cwd, with_lines)):
        return f"did you mean {_typed(with_lines, pattern)}?"
    here, known, parts = str(scope.cwd), [], pattern.glob.split("/")
    for number, part in enumerate(parts):
        if has_magic(part):
            known += parts[number:]
            break
        there = "\0" not in part and os.path.lexists(os.path.join(here, part))
        name = part if there else _closest(part, here)
        if part and not name:
            return ""
        known.append(name)
        here = os.path.join(here, name)
    found = "/".join(known)
    if found == pattern.glob:
        return ""
    meant = f"did you mean {_typed(found, pattern)}?"
    return f"{meant} {LOOKS_THE_SAME}" if _composed(found) == _composed(pattern.glob) else meant


def _typed(path: str, pattern: Pattern) -> str:
    """Return *path* as it has to be typed in place of *pattern*, to be read as it is."""
    first = "./" if path.startswith(("@", "!")) else ""
    typed = printable(first + _LINES.sub(r"[:]\1", path))
    quoted = not pattern.strict and any(char.isspace() for char in typed)
    return f'{pattern.at}"{typed}"' if quoted else f"{pattern.at}{typed}"


def _composed(text: str) -> str:
    """Return what two names share that differ in how their accents are encoded."""
    from unicodedata import normalize

    return normalize("NFC", text)


def ignored_by(path: str, scope: Scope, rules: IgnoreRules | None = None) -> str:
    """Return what makes globs leave out the file at the absolute *path*, or an empty text.

    *rules* are those of the project, for whoever asks about many files.
    """
    rules = rules or IgnoreRules(os.path.realpath(scope.project))
    rule = rules.ignoring(path)
    if rule is not None:
        return rule.origin
    parts = os.path.relpath(path, os.path.realpath(scope.cwd)).split("/")
    folder = next((part for part in parts[:-1] if part in IGNORED_FOLDERS), None)
    if folder is not None:
        return f"{folder} is left out unless a pattern names it"
    return f"*{IGNORED_SUFFIX} is left out" if path.endswith(IGNORED_SUFFIX) else ""


def is_closed(path: str) -> bool:
    """Tell whether *path* lies in a folder that may not be looked into."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except (OSError, ValueError):  # missing, or a name that no file can have
        return False
    return False


def _first_ignored(pattern: Pattern, scope: Scope) -> str:
    """Return the absolute path of some ignored file that *pattern* matches, or an empty text."""
    search = Search([pattern], scope, rules=False, first_only=True)
    search.run()
    shown = next(iter(search.collector.takers), "")
    return os.path.normpath(os.path.join(search.collector.project, shown)) if shown else ""


def _literal_start(glob: str, scope: Scope) -> str:
    """Return the path that *glob* begins with, up to its first part with magic."""
    parts = split_parts(glob)
    literal = list(takewhile(lambda part: not has_magic(part), parts))
    start = "/" if glob.startswith("/") else os.path.realpath(scope.cwd)
    return os.path.join(start, *map(unescaped, literal))


def _shown(path: str, scope: Scope) -> str:
    return printable(os.path.relpath(path, os.path.realpath(scope.project)))


def _without_files(folder: str) -> str:
    try:
        is_empty = not os.listdir(folder)
    except OSError:
        return ""
    return "the folder is empty" if is_empty else "the folder holds no files but hidden ones"


def _closest(name: str, folder: str) -> str:
    """Return the name in *folder* that is most like *name*: endings are compared by themselves."""
    try:
        names = os.listdir(folder)[:_LISTED]
    except OSError:
        return ""
    stem, ending = os.path.splitext(_composed(name[:255].casefold()))
    stems: dict[str, str] = {}
    for known in names:
        start, end = os.path.splitext(_composed(known.casefold()))
        if ending in ("", end):
            stems[start] = known
    folded = {_composed(known.casefold()): known for known in names}
    return _most_like(stem, stems, SAME_ENDING) or _most_like(stem + ending, folded, OTHER_ENDING)


def _most_like(name: str, known: Mapping[str, str], ratio: float) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1, cutoff=ratio)
    return known[close[0]] if close else ""
