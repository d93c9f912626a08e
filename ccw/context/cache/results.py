"""What the operations on the context cache answer, and the text work behind them; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ccw.context.cache.entries import Status
from ccw.context.cache.manifest import Manifest
from ccw.context.pack.assemble import PackedFile
from ccw.context.scope import Skipped
from ccw.context.session import PackedContext
from ccw.moments import moment


@dataclass(frozen=True, slots=True)
class PackResult:
    """What `pack` kept; `session_id` and `expires_at` are None when it could not be kept."""

    session_id: str | None
    hit: bool
    files_packed: int
    files: tuple[PackedFile, ...]
    files_skipped: tuple[Skipped, ...]
    total_bytes: int
    patterns_matched: int
    patterns_failed: tuple[str, ...]
    expires_at: str | None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A piece of a session's packed text that starts at byte `offset`."""

    session_id: str
    content: str
    offset: int
    has_more: bool
    next_offset: int | None
    total_bytes: int


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """One session: `files` are its paths in the order of the pack."""

    session_id: str
    project: str
    patterns: tuple[str, ...]
    files: tuple[str, ...]
    total_bytes: int
    prefix_bytes: int
    packed_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class CacheStatus:
    """Totals of the cache that the project uses; without meaning unless it is `usable`."""

    enabled: bool
    cache_dir: str
    entries: int
    total_bytes: int
    max_bytes: int
    hits: int
    misses: int
    oldest: str | None
    newest: str | None
    warnings: tuple[str, ...] = ()
    usable: bool = True


def pack_result(packed: PackedContext) -> PackResult:
    """Return the answer to `pack`."""
    return PackResult(
        session_id=packed.session_id,
        hit=packed.hit,
        files_packed=len(packed.files),
        files=packed.files,
        files_skipped=packed.skipped,
        total_bytes=packed.total_bytes,
        patterns_matched=sum(1 for count in packed.matched.values() if count),
        patterns_failed=packed.failed,
        expires_at=_known(packed.expires_at),
        notes=packed.notes,
        warnings=packed.warnings,
    )


def piece(session_id: str, content: bytes, offset: int, limit: int) -> ReadResult:
    """Return about *limit* bytes of UTF-8 *content* from *offset* on, in whole characters."""
    start = _character_start(content, min(offset, len(content)))
    end = _character_start(content, min(start + limit, len(content)))
    if end <= start < len(content):
        end = _character_end(content, start)
    more = end < len(content)
    text = content[start:end].decode("utf-8")
    return ReadResult(session_id, text, start, more, end if more else None, len(content))


def cache_status(
    totals: Status, cache_dir: str, enabled: bool, warnings: Iterable[str], *, usable: bool = True
) -> CacheStatus:
    """Return the answer to `status`."""
    return CacheStatus(
        enabled=enabled,
        cache_dir=cache_dir,
        entries=totals.entries,
        total_bytes=totals.total_bytes,
        max_bytes=totals.max_bytes,
        hits=totals.hits,
        misses=totals.misses,
        oldest=_known(totals.oldest),
        newest=_known(totals.newest),
        warnings=tuple(warnings),
        usable=usable,
    )


def session_status(manifest: Manifest) -> SessionStatus:
    """Return what a manifest tells of its session."""
    return SessionStatus(
        session_id=manifest.session_id,
        project=manifest.project,
        patterns=manifest.patterns,
        files=tuple(entry.path for entry in manifest.entries if not entry.reason),
        total_bytes=manifest.total_bytes,
        prefix_bytes=manifest.prefix_bytes,
        packed_at=moment(manifest.packed_at),
        expires_at=moment(manifest.expires_at),
    )


def _known(seconds: float | None) -> str | None:
    return None if seconds is None else moment(seconds)


def _character_start(content: bytes, position: int) -> int:
    """Return *position*, moved back to the beginning of a UTF-8 character."""
    while 0 < position < len(content) and content[position] & 0xC0 == 0x80:
        position -= 1
    return position


def _character_end(content: bytes, start: int) -> int:
    end = start + 1
    while end < len(content) and content[end] & 0xC0 == 0x80:
        end += 1
    return end
