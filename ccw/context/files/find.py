"""From patterns to files: one walk with wcmatch's meaning, ignore rules and containment."""

from __future__ import annotations

from collections.abc import Sequence

from ccw.context.files.contain import Opener
from ccw.context.files.search import Search
from ccw.context.pattern import Pattern
from ccw.context.scope import DEFAULT_MAX_FILE_SIZE, Found, FoundFile, Scope, Skipped, Stamp

__all__ = [
    "DEFAULT_MAX_FILE_SIZE",
    "Found",
    "FoundFile",
    "Opener",
    "Scope",
    "Skipped",
    "Stamp",
    "find_files",
]


def find_files(patterns: Sequence[Pattern], scope: Scope, *, inspect: bool = True) -> Found:
    """Return the files that *patterns* name, in one walk.

    Without *inspect* files that globs match are only listed, which takes half the time: their
    stamps are UNSEEN, and whoever reads them finds out which are too large or unreadable.

    NothingMatched for patterns that should have matched, PathNotAllowed for a path outside the
    allowed folders or a secret that was not allowed, PatternError beyond the bounds.
    """
    search = Search(patterns, scope)
    search.run(inspect=inspect)
    missing = search.unmatched()
    skipped = search.collector.skipped()
    failed, notes = _reported(missing, patterns, scope, skipped) if missing else ((), ())
    return Found(
        files=search.collector.files([pattern.lines for pattern in patterns]),
        skipped=skipped,
        matched=search.counts(missing),
        failed=failed,
        notes=(*notes, *search.collector.notes(), *search.idle_exclusions()),
    )


def _reported(
    missing: Sequence[int],
    patterns: Sequence[Pattern],
    scope: Scope,
    skipped: Sequence[Skipped],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from ccw.context.files.missing import report_missing

    return report_missing([patterns[number] for number in missing], patterns, scope, skipped)
