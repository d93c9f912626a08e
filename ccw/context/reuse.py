"""A cached pack that certainly still holds: taken as it is, without looking at its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ccw.context.files.find import Found
from ccw.context.pack.assemble import GAP, PackedFile
from ccw.context.pack.render import left_out
from ccw.context.scope import Skipped
from ccw.context.session import PackedContext, PackRequest

if TYPE_CHECKING:
    from ccw.context.cache.entries import Cached
    from ccw.context.cache.manifest import Manifest


def reused(found: Found, request: PackRequest, cached: Cached) -> PackedContext | None:
    """Return the pack of what was *found* if it is the *cached* one, or None if that is not sure.

    Sure are files that are all as they were and the same ones left out; an overlay with copies
    that count no more, or a text after the files, is made again.
    """
    manifest = cached.manifest
    bound = request.least_bound
    too_large = bound is not None and manifest.total_bytes > bound
    if request.text is not None or manifest.superseded or too_large:
        return None
    if manifest.patterns != tuple(pattern.token for pattern in request.patterns):
        return None
    skipped = _skipped(found.skipped, manifest)
    if not (_holds(found, manifest) and _ends_in(cached, skipped)):
        return None
    return _context(found, cached, skipped)


def _holds(found: Found, manifest: Manifest) -> bool:
    """Tell whether *found* are the files of the pack, unchanged."""
    if len(found.files) != len(manifest.entries):
        return False
    known = {entry.path: entry for entry in manifest.entries}
    return all(
        (entry := known.get(file.path)) is not None and entry.describes(file)
        for file in found.files
    )


def _skipped(skipped: Sequence[Skipped], manifest: Manifest) -> list[Skipped]:
    unusable = [Skipped(entry.path, entry.reason) for entry in manifest.entries if entry.reason]
    return sorted([*skipped, *unusable], key=lambda item: item.path)


def _ends_in(cached: Cached, skipped: Sequence[Skipped]) -> bool:
    """Tell whether the last file is followed by exactly the list of what was left out."""
    end = max((entry.offset + entry.length for entry in cached.manifest.entries), default=0)
    block = left_out(skipped)
    return end > 0 and cached.content[end:] == (GAP + block if block else b"")


def _context(found: Found, cached: Cached, skipped: Sequence[Skipped]) -> PackedContext:
    manifest = cached.manifest
    files = [
        PackedFile(entry.path, entry.offset, entry.length, entry.lines)
        for entry in manifest.entries
        if entry.length
    ]
    notes = [note for entry in manifest.entries for note in entry.notes]
    return PackedContext(
        cached.content,
        files=tuple(files),
        skipped=tuple(skipped),
        matched=found.matched,
        failed=found.failed,
        notes=(*found.notes, *notes),
        prefix_bytes=manifest.prefix_bytes,
        cuts=manifest.cuts,
        marks=manifest.marks,
        first_difference=len(cached.content),
        compared_with=manifest.session_id,
        session_id=manifest.session_id,
        hit=True,
        expires_at=manifest.expires_at,
    )
