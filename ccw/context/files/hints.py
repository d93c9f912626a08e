"""Why a pattern found nothing, as far as that is cheap to tell; loaded only for a message."""

from __future__ import annotations

import os

from ccw.context.files.contain import printable
from ccw.context.files.names import IGNORED_FOLDERS, IGNORED_SUFFIX
from ccw.context.files.search import Search
from ccw.context.files.start import ignoring_rule
from ccw.context.patterns import Pattern
from ccw.context.scope import Scope


def hint(pattern: Pattern, scope: Scope) -> str:
    """Return what kept *pattern* from matching, or a name that is near, or an empty text."""
    ignored = _first_ignored(pattern, scope)
    if ignored:
        reason = ignored_by(ignored, scope)
        shown = printable(os.path.relpath(ignored, os.path.realpath(scope.project)))
        return f"it matches only ignored files, such as {shown} ({reason}); name a file exactly"
    return _near(pattern.glob, scope)


def ignored_by(path: str, scope: Scope) -> str:
    """Return what makes globs leave out the file at the absolute *path*, or an empty text."""
    project = os.path.realpath(scope.project)
    rule = ignoring_rule(path, project)
    if rule is not None:
        return rule.origin
    parts = os.path.relpath(path, os.path.realpath(scope.cwd)).split("/")
    folder = next((part for part in parts[:-1] if part in IGNORED_FOLDERS), None)
    if folder is not None:
        return f"{folder} is left out unless a pattern names it"
    return f"*{IGNORED_SUFFIX} is left out" if path.endswith(IGNORED_SUFFIX) else ""


def _first_ignored(pattern: Pattern, scope: Scope) -> str:
    """Return the absolute path of some ignored file that *pattern* matches, or an empty text."""
    search = Search([pattern], scope, rules=False, first_only=True)
    search.run()
    shown = next(iter(search.collector.takers), "")
    return os.path.normpath(os.path.join(search.collector.project, shown)) if shown else ""


def _near(glob: str, scope: Scope) -> str:
    """Return the existing path that is nearest to *glob*, whose first parts exist."""
    here = str(scope.cwd)
    known: list[str] = []
    for part in glob.split("/"):
        if "\0" not in part and os.path.lexists(os.path.join(here, part)):
            known.append(part)
            here = os.path.join(here, part)
        else:
            close = _closest(part, here)
            return f"did you mean @{printable('/'.join([*known, close]))}?" if close else ""
    return ""


def _closest(name: str, folder: str) -> str:
    from difflib import get_close_matches

    try:
        names = os.listdir(folder)[:10_000]
    except OSError:
        return ""
    folded = {known.casefold(): known for known in names}
    close = get_close_matches(name[:255].casefold(), folded, n=1)
    return folded[close[0]] if close else ""
