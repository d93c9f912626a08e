"""Patterns to one packed text, written while it is read: the way of a pack without a cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ccw.context.files.find import Found, FoundFile, Opener, Stamp, find_files
from ccw.context.pack.assemble import Plan, Summary, Write, plan, write_pack
from ccw.context.pack.reading import Open, Part, Unusable, read_part
from ccw.context.pack.render import render
from ccw.context.pack.usable import some_usable
from ccw.context.request import PackRequest

if TYPE_CHECKING:
    from ccw.context.cache.entries import Cached


def stream_context(request: PackRequest, write: Write) -> Summary:
    """Find and read the files of *request* and write their pack piece by piece, without a cache.

    Nothing is written before the bound is checked; without one the pack is never held in memory.
    """
    found = find_files(request.patterns, request.scope, inspect=False)
    with Opener(request.scope) as opener:
        planned, results = bounded(found, request, opener.open)
        summary = write_pack(
            *(results, write),
            prefix=planned.prefix,
            skipped=found.skipped,
            layout=request.layout,
        )
    failed = tuple(f"{token} matched nothing" for token in found.failed)
    return summary._replace(notes=(*found.notes, *failed, *summary.notes))


def bounded(
    found: Found, request: PackRequest, open_file: Open, cached: Cached | None = None
) -> tuple[Plan, Iterable[Part | Unusable]]:
    """Return the order of the files and what was read of each, within the bound if there is one."""
    planned = plan(found.files, request.file_patterns)
    results: Iterable[Part | Unusable] = read_all(planned, request, open_file, cached)
    if request.max_bytes is not None:
        from ccw.context.pack.bound import Bound, keep_within

        bound = Bound(request.max_bytes, request.over)
        results = keep_within(results, bound, found.skipped, request.layout)
    if found.matched and not request.scope.allow_missing:
        results = some_usable(results, found.skipped)
    return planned, results


def read_all(
    planned: Plan, request: PackRequest, open_file: Open, cached: Cached | None = None
) -> Iterator[Part | Unusable]:
    """Yield each planned file's result, from *cached* where that certainly holds, then the text."""
    trusted = cached.manifest.entries if cached and not cached.expired else ()
    known = {entry.path: entry for entry in trusted}
    for file in planned.files:
        entry = known.get(file.path)
        if cached and entry and entry.describes(file):
            yield entry.result(file, cached.content)
        else:
            yield read_part(file, open_file, request.scope.max_file_size)
    if request.text is not None:
        yield _text_part(request)


def _text_part(request: PackRequest) -> Part:
    """Return *request*'s text as a file of no folder; it is asked for and thus never dropped."""
    text = (request.text or "").encode("utf-8", "replace")
    file = FoundFile(request.text_name, "", Stamp(len(text), 0, 0, 0))
    return Part(file, render(request.text_name, text), pinned=True)
