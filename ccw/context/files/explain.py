"""Why a file is in or out, for `ccw pack --explain`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ccw.context.files.contain import containing, printable
from ccw.context.files.hints import ignored_by
from ccw.context.files.names import is_secret
from ccw.context.files.search import Search
from ccw.context.patterns import Pattern
from ccw.context.scope import Scope


def explain(path: str, patterns: Sequence[Pattern], scope: Scope) -> str:
    """Return in a few lines why the file at *path* is in or out of what *patterns* find.

    *path* is relative to the working directory, or absolute. Whether a file is binary is for the
    pack to say.
    """
    location = os.path.normpath(os.path.join(os.path.realpath(scope.cwd), path))
    search = Search(patterns, scope)
    search.run()
    search.unmatched()
    shown = search.collector.shown(location)
    takers = sorted(search.collector.takers.get(shown, ()))
    if takers:
        tokens = ", ".join(printable(patterns[number].token) for number in takers)
        return f"{printable(shown)}: in\n  matched by {tokens}"
    reasons = "\n".join(f"  {reason}" for reason in _reasons(location, shown, search, scope))
    return f"{printable(shown)}: out\n{reasons}"


def _reasons(location: str, shown: str, search: Search, scope: Scope) -> list[str]:
    if not os.path.lexists(location):
        return ["there is no such file"]
    if os.path.isdir(location):
        return ["it is a folder; ask about a file"]
    real = os.path.realpath(location)
    if containing(real, search.collector.roots) is None:
        return [f"it leads outside the allowed folders; add --include-dirs {os.path.dirname(real)}"]
    skipped = {item.path: item.reason for item in search.collector.skipped()}
    if shown in skipped:
        return [skipped[shown]]
    return _unmatched(location, search, scope)


def _unmatched(location: str, search: Search, scope: Scope) -> list[str]:
    """Say which exclusion, rule or lack of a pattern keeps an ordinary file out."""
    excluding = search.excluding(location)
    if excluding:
        return [f"excluded by {', '.join(printable(pattern.token) for pattern in excluding)}"]
    reasons = []
    matching = search.matching(location)
    if matching:
        tokens = ", ".join(printable(pattern.token) for pattern in matching)
        reasons.append(f"matched by {tokens}")
    else:
        reasons.append("no pattern matches it")
    if ignored := ignored_by(location, scope):
        reasons.append(f"ignored: {ignored}; name the file exactly to take it")
    if is_secret(os.path.basename(location)):
        reasons.append("it may hold secrets; name it exactly and add --allow-secrets")
    return reasons
