"""A packed context into the cache, or what the cache had of it already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ccw.context.cache.entries import Cached, digest_of, session_id_of
from ccw.context.cache.manifest import Manifest, entries_of
from ccw.context.pack.layouts import Copy
from ccw.context.pack.make import Made

if TYPE_CHECKING:
    from ccw.context.cache.store import ContextCache
    from ccw.context.session import PackedContext, PackRequest


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the cache needs beside the packed context; *now* in seconds since 1970.

    `cached` is the last entry of `family`, which the context goes on from; it may have expired.
    """

    key: str
    family: str
    request: PackRequest
    made: Made
    cached: Cached | None
    now: float


def compare(cache: ContextCache, keeping: Keeping, packed: PackedContext) -> PackedContext:
    """Tell of *packed* what the cache has of it; the cache stays as it is."""
    same = _same(cache, keeping, packed.content)
    packed = replace(packed, hit=same is not None, warnings=tuple(cache.warnings))
    if same is None:
        return packed
    manifest = same.manifest
    return replace(packed, session_id=manifest.session_id, expires_at=manifest.expires_at)


def keep_or_count(cache: ContextCache, keeping: Keeping, packed: PackedContext) -> PackedContext:
    """Keep *packed* in the cache, or count the hit when that holds the same content."""
    same = _same(cache, keeping, packed.content)
    hit = same is not None
    digest = same.manifest.digest if same else digest_of(packed.content)
    manifest = _manifest(keeping, cache.project, digest)
    if same:
        old = same.manifest
        manifest = replace(manifest, packed_at=old.packed_at, expires_at=old.expires_at)
        if manifest != old or same is not keeping.cached:
            cache.refresh(keeping.key, manifest, keeping.family)
    is_kept = hit or cache.keep(keeping.key, manifest, packed.content, keeping.family)
    cache.count(hit=hit)
    if is_kept:
        until = keeping.request.in_use_until(keeping.now)
        cache.remember(keeping.key, manifest.session_id, keeping.family, until)
    packed = replace(packed, hit=hit, warnings=tuple(cache.warnings))
    if not is_kept:
        return packed
    return replace(packed, session_id=manifest.session_id, expires_at=manifest.expires_at)


def _same(cache: ContextCache, keeping: Keeping, content: bytes) -> Cached | None:
    """Return the entry, not expired, that has *content* for this request, or of its family."""
    cached = keeping.cached
    if cached and not cached.expired and cached.content == content:
        return cached
    if cached and (cached.expired or cached.key != keeping.key):
        cached = cache.lookup(keeping.key, keeping.now)
    return cached if cached and cached.content == content else None


def _manifest(keeping: Keeping, project: str, digest: str) -> Manifest:
    made, request, cached = keeping.made, keeping.request, keeping.cached
    known = {e.path: e for e in cached.manifest.entries} if cached and not cached.expired else {}
    return Manifest(
        session_id=session_id_of(digest),
        digest=digest,
        project=project,
        patterns=tuple(pattern.token for pattern in request.patterns),
        packed_at=keeping.now,
        expires_at=keeping.now + request.ttl_minutes * 60,
        total_bytes=len(made.content),
        prefix_bytes=made.summary.prefix_bytes,
        entries=entries_of(made.arranged.pieces, made.summary.files, known, keeping.now),
        superseded=tuple(Copy(old.path, old.offset, old.bytes) for old in made.summary.superseded),
        cuts=made.cuts,
        marks=made.marks,
    )
