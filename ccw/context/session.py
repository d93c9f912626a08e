"""Patterns to one packed context, through the cache: only what changed is read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ccw.context.files.find import Found, Opener, Skipped, find_files
from ccw.context.pack.assemble import PackedFile
from ccw.context.pack.reading import Open, Part, Unusable
from ccw.context.request import PackRequest as PackRequest
from ccw.context.request import Receipt, family_key, receipt_of, request_key
from ccw.context.streaming import bounded
from ccw.context.streaming import stream_context as stream_context

if TYPE_CHECKING:
    from ccw.context.cache.bases import Base
    from ccw.context.cache.entries import Cached
    from ccw.context.cache.store import ContextCache
    from ccw.context.pack.layouts import Earlier
    from ccw.context.pack.make import Made
    from ccw.context.scope import Scope


@dataclass(frozen=True, slots=True)
class PackedContext:
    """The packed text and how it came about.

    `content` is UTF-8 and empty when there is nothing to pack. `session_id` is None when the
    content is not in the cache, `hit` means that the cache had this very content for this request,
    `expires_at` is in seconds since 1970. `prefix_bytes` of the content are worth caching. They go
    out as blocks that end at the byte offsets `cuts`, so that the same blocks come again while
    their bytes do; of these, at most 4 at `marks` bear a provider's cache mark. Both ascend and
    end with `prefix_bytes`. `first_difference` is the first byte that differs from the pack before
    of the same request, the session `compared_with`; None when that is not known. `superseded` are
    the copies in an overlay that a later one replaces or whose file is gone. `receipt` is where
    the cache wants to know that the pack was sent, if it does.
    """

    content: bytes
    files: tuple[PackedFile, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    matched: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    prefix_bytes: int = 0
    session_id: str | None = None
    hit: bool = False
    expires_at: float | None = None
    cuts: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()
    first_difference: int | None = None
    superseded: tuple[PackedFile, ...] = ()
    compared_with: str | None = None
    receipt: Receipt | None = None

    @property
    def total_bytes(self) -> int:
        """The length of the content."""
        return len(self.content)

    @property
    def copies(self) -> tuple[PackedFile, ...]:
        """All files with their superseded copies, in the order of the pack."""
        if not self.superseded:
            return self.files
        return tuple(sorted((*self.files, *self.superseded), key=lambda file: file.offset))

    @property
    def cached(self) -> bool:
        """Whether the content is in the cache, new or reused."""
        return self.session_id is not None


def pack_context(
    request: PackRequest, cache: ContextCache | None = None, *, now: float, keep: bool = True
) -> PackedContext:
    """Find, read and pack the files of *request*; *now* in seconds since 1970.

    The walk is always done again. Without *cache* nothing is read from or written to one; with
    *keep* False (a preview) it is read, and as it was before afterwards.
    Raises NothingMatched, NothingUsable, PathNotAllowed, AllTooLarge and ContextTooLarge.
    """
    found = find_files(request.patterns, request.scope)
    with Opener(request.scope) as opener:
        return pack_found(found, request, opener.open, cache, now=now, keep=keep)


def pack_found(
    found: Found,
    request: PackRequest,
    open_file: Open,
    cache: ContextCache | None = None,
    *,
    now: float,
    keep: bool = True,
) -> PackedContext:
    """Pack what was *found*, as `pack_context` does after its walk."""
    key, family = (request_key(request), family_key(request)) if cache else ("", "")
    cached = cache.last(family, key, now) if cache else None
    receipt = receipt_of(request, family) if cache else None
    base = cache.base(receipt.key, now) if cache and receipt else None
    if cache and cached and cached.key == key and (packed := _reused(found, request, cached, base)):
        if keep:
            cache.count(hit=True)
            cache.remember(key, cached.manifest.session_id, family, request.in_use_until(now))
        return replace(packed, warnings=tuple(cache.warnings), receipt=receipt)
    made = _make(found, request, open_file, cached, base)
    packed = _context(made, found, cached, base)
    if cache is None or not packed.content:
        return packed
    from ccw.context.keeping import Keeping, compare, keep_or_count

    keeping = Keeping(key, family, request, made, cached, now)
    packed = (keep_or_count if keep else compare)(cache, keeping, packed)
    return replace(packed, receipt=receipt)


def tell_sent(cache: ContextCache, packed: PackedContext, now: float) -> None:
    """Tell *cache* that *packed* was sent *now*: the next overlay for its receiver builds on it."""
    if packed.receipt is None or packed.session_id is None:
        return
    from ccw.context.cache.bases import sent_of

    cache.keep_base(packed.receipt.key, sent_of(packed), now + packed.receipt.seconds)


def _reused(
    found: Found, request: PackRequest, cached: Cached, base: Base | None
) -> PackedContext | None:
    if cached.expired or (base and base.session_id != cached.manifest.session_id):
        return None
    from ccw.context.reuse import reused

    return reused(found, request, cached)


def _make(
    found: Found, request: PackRequest, open_file: Open, cached: Cached | None, base: Base | None
) -> Made:
    from ccw.context.pack.make import make

    planned, read = bounded(found, request, open_file, cached)
    results = list(read)
    if base is not None:
        earlier: Earlier | None = _allowed(base.earlier, results, request.scope)
    else:
        earlier = cached.manifest.earlier(cached.content) if cached else None
    return make(
        results,
        planned.prefix,
        request.layout,
        earlier,
        skipped=found.skipped,
        room_bytes=request.least_bound,
        least_marked=request.least_marked,
    )


def _allowed(earlier: Earlier, results: Iterable[Part | Unusable], scope: Scope) -> Earlier:
    """Return *earlier* without the files that are left out now; deleted ones may stay in it."""
    packed = {result.file.path for result in results if isinstance(result, Part)}
    gone = {copy.path for copy in earlier.copies} - packed
    if not gone:
        return earlier
    from ccw.context.withheld import withheld

    return earlier.without(withheld(gone, scope))


def _context(made: Made, found: Found, cached: Cached | None, base: Base | None) -> PackedContext:
    summary = made.summary
    before = cached.manifest.session_id if cached else None
    return PackedContext(
        made.content,
        files=summary.files,
        skipped=summary.skipped,
        matched=found.matched,
        failed=found.failed,
        notes=(*found.notes, *summary.notes),
        prefix_bytes=summary.prefix_bytes,
        cuts=made.cuts,
        marks=made.marks,
        first_difference=made.first_difference,
        superseded=summary.superseded,
        compared_with=base.session_id if base else before,
    )
