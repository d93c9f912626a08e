"""Why a file is in or out, for `ccw pack --explain`: asked of the search and of the packer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from ccw.context.files.contain import Opener, containing, printable
from ccw.context.files.hints import ignored_by, is_closed
from ccw.context.files.names import is_secret
from ccw.context.files.search import Search
from ccw.context.pack.reading import Unusable, read_part
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope

MISSING = "there is no such file"
UNMATCHED = "no pattern matches it"
MATCHED = "matched by "
_CLOSED = "permission denied: a folder on its way may not be looked into"
_FOLDER = "it is a folder; ask about a file"
_OUTSIDE = "it leads outside the allowed folders; add --include-dirs "
# what the line after the path begins with
FIRST_LINES = (MATCHED, UNMATCHED, MISSING, _CLOSED, _FOLDER, _OUTSIDE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the file at `path`, as it is shown, is `included`.

    `patterns` are those that match it, as written; `reasons` say why it is out all the same,
    `notes` what else was met on the way, such as an ignore file that cannot be used.
    """

    path: str
    included: bool
    patterns: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether there is no such file."""
        return self.reasons == (MISSING,)

    def __str__(self) -> str:
        matched = [f"{MATCHED}{', '.join(self.patterns)}"] if self.patterns else []
        head = f"{self.path}: {'in' if self.included else 'out'}"
        noted = [f"note: {text}" for text in self.notes]
        return "\n  ".join((head, *matched, *self.reasons, *noted))


def explain(path: str, patterns: Sequence[Pattern], scope: Scope) -> Explanation:
    """Return why the file at *path* is in or out of a pack of *patterns*, without any bound.

    *path* is relative to the working directory, or absolute.
    """
    location = os.path.normpath(os.path.join(os.path.realpath(scope.cwd), path))
    search = Search(patterns, scope)
    search.run()
    search.unmatched()
    shown = search.collector.shown(location)
    name = printable(shown) or "."
    if problems := _no_file(location, search):
        return Explanation(name, False, reasons=tuple(problems))
    takers = sorted(search.collector.takers.get(shown, ()))
    if takers:
        matching, reasons = [patterns[number] for number in takers], _unusable(shown, search)
    else:
        matching = search.matching(location)
        unmatched = [] if matching else [f"{UNMATCHED}{_passed_over(location, search)}"]
        reasons = [*unmatched, *_left_out(location, shown, search)] or _not_followed(
            location, search
        )
    written, notes = (printable(one.written) for one in matching), search.collector.notes()
    included = bool(takers) and not reasons
    return Explanation(name, included, tuple(written), tuple(reasons), tuple(notes))


def _no_file(location: str, search: Search) -> list[str]:
    """Say what else than a file within reach *location* is."""
    if is_closed(location):
        return [_CLOSED]
    if not os.path.lexists(location):
        return [MISSING]
    if os.path.isdir(location):
        return [_FOLDER]
    real = os.path.realpath(location)
    if containing(real, search.collector.roots) is None:
        return [f"{_OUTSIDE}{os.path.dirname(real)}"]
    return []


def _unusable(shown: str, search: Search) -> list[str]:
    """Read the file as the packer does, which may yet leave it out."""
    lines = [pattern.lines for pattern in search.patterns]
    file = next(file for file in search.collector.files(lines) if file.path == shown)
    scope = search.collector.scope
    with Opener(scope) as opener:
        result = read_part(file, opener.open, scope.max_file_size)
    return [result.reason] if isinstance(result, Unusable) else []


def _passed_over(location: str, search: Search) -> str:
    """Say that it is for a dot that wildcards do not match what they would match otherwise."""
    cwd = os.path.realpath(search.collector.scope.cwd)
    parts = os.path.relpath(location, cwd).split("/")
    hidden = [part for part in parts if part.startswith(".") and part not in (".", "..")]
    plain = [part.lstrip(".") if part in hidden else part for part in parts]
    if not hidden or not search.matching(os.path.normpath(os.path.join(cwd, *plain))):
        return ""
    return f": {printable(hidden[0])} begins with a dot, which no wildcard takes; write it out"


def _not_followed(location: str, search: Search) -> list[str]:
    """Name the symlink above what matches and has nothing else against it."""
    shown = search.collector.shown(location).split("/")
    above = ["/".join(shown[: number + 1]) for number in range(len(shown) - 1)]
    for folder in above:
        if os.path.islink(os.path.join(search.collector.project, folder)):
            name = printable(folder)
            return [f"{name} is a symlink to a folder, which no wildcard follows; name {name}/"]
    return []


def _left_out(location: str, shown: str, search: Search) -> list[str]:
    """Say what keeps an ordinary file out that the search did not take."""
    skipped = {item.path: item.reason for item in search.collector.skipped()}
    if shown in skipped:
        return [skipped[shown]]
    if excluding := search.excluding(location):
        return [f"excluded by {', '.join(printable(pattern.written) for pattern in excluding)}"]
    reasons = [
        f"{printable(folder)} {reason}"
        for folder, reason in skipped.items()
        if folder.endswith("/") and shown.startswith(folder)
    ]
    if ignored := ignored_by(location, search.collector.scope):
        reasons.append(f"ignored: {ignored}; name the file exactly to take it")
    if is_secret(os.path.basename(location)):
        reasons.append("it may hold secrets; name it exactly and add --allow-secrets")
    return reasons
