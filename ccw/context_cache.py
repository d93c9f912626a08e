"""The context cache of a project: pack files once, read them back by their session id.

Every function takes the project folder first; environment, working directory and time are
parameters with the real ones as defaults. Sizes are bytes unless a name ends in `_kb`; moments
are ISO 8601 in UTC. A cache that cannot be used is told in the result's `warnings`, or where the
result has none to `warn` (default: Python's warnings), and lists and keeps as an empty one; what
asks for one session, or is to throw something out, raises CacheUnusable or CacheFolderRefused.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ccw.context.cache.results import (
    CacheStatus,
    PackResult,
    ReadResult,
    SessionStatus,
    cache_status,
    pack_result,
    piece,
    session_status,
)
from ccw.errors import NotFound, UsageError

if TYPE_CHECKING:
    from ccw.config.models import CacheStrategy, GlobalCacheSettings
    from ccw.context.cache.store import ContextCache
    from ccw.context.files.find import Scope

Warn = Callable[[str], object]
BaseDir = str | os.PathLike[str]
READ_LIMIT = 65536
SWITCHED_OFF = "the context cache is switched off (globalCacheSettings.enabled); nothing was kept"


def pack(
    base_dir: BaseDir,
    patterns: str | Sequence[str] = (),
    *,
    text: str | None = None,
    scope: Scope | None = None,
    strategy: CacheStrategy | None = None,
    max_size_kb: float | None = None,
    over: Literal["fail", "drop"] = "fail",
    cwd: BaseDir | None = None,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
) -> PackResult:
    """Pack the files that *patterns* match, and *text* after them, and keep them as a session.

    *strategy* (default: that of a new endpoint) says how long and how large; *scope* (default:
    the project, from *cwd*) which files may be read.
    """
    from ccw.context.cache.asking import request_for
    from ccw.context.session import pack_context

    if not patterns and not text:
        raise UsageError('name what to pack, for example "src/**/*.py", or give a text')
    scope = scope or _scope(base_dir, cwd, _environ(environ))
    request = request_for(patterns, text, scope, strategy, max_size_kb, over)
    with _opened(base_dir, environ) as (cache, settings):
        packed = pack_context(request, cache if settings.enabled else None, now=_now(now))
    result = pack_result(packed)
    told = () if settings.enabled else (SWITCHED_OFF,)
    return replace(result, warnings=(*result.warnings, *told))


def read(
    base_dir: BaseDir,
    session_id: str,
    offset: int = 0,
    limit: int = READ_LIMIT,
    *,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
    warn: Warn = warnings.warn,
) -> ReadResult:
    """Return about *limit* bytes of a session from byte *offset* on, whole characters only.

    An offset inside a character counts as that character's beginning; at least one character is
    returned unless the text has ended. Raises NotFound.
    """
    if offset < 0 or limit < 1:
        raise UsageError("offset must be at least 0 and limit at least 1 byte")
    with _opened(base_dir, environ, warn) as (cache, _):
        content = cache.content(session_id, _now(now))
        cache.require_usable()
    if content is None:
        raise unknown(session_id)
    return piece(session_id, content, offset, limit)


def sessions(
    base_dir: BaseDir,
    *,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
    warn: Warn = warnings.warn,
) -> tuple[SessionStatus, ...]:
    """Return the sessions that have not expired, the newest first."""
    with _opened(base_dir, environ, warn) as (cache, _):
        return _sessions(cache, now)


def status(
    base_dir: BaseDir, *, environ: Mapping[str, str] | None = None, now: float | None = None
) -> CacheStatus:
    """Return the totals, with the hits and misses of all projects that share the folder."""
    with _opened(base_dir, environ) as (cache, settings):
        totals = cache.status(_now(now))
    return cache_status(
        *(totals, str(cache.folder), settings.enabled, cache.warnings), usable=cache.is_usable
    )


def session(
    base_dir: BaseDir,
    session_id: str,
    *,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
    warn: Warn = warnings.warn,
) -> SessionStatus:
    """Return one session. Raises NotFound."""
    with _opened(base_dir, environ, warn) as (cache, _):
        known = _sessions(cache, now)
        cache.require_usable()
    for found in known:
        if found.session_id == session_id:
            return found
    raise unknown(session_id)


def release(
    base_dir: BaseDir,
    session_id: str,
    *,
    environ: Mapping[str, str] | None = None,
    warn: Warn = warnings.warn,
) -> bool:
    """Throw one session out; False when there was none."""
    with _opened(base_dir, environ, warn) as (cache, _):
        released = cache.release(session_id)
        cache.require_usable()
    return released


def cleanup(
    base_dir: BaseDir,
    *,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
    warn: Warn = warnings.warn,
) -> int:
    """Throw out what has expired; return the number of sessions gone."""
    with _opened(base_dir, environ, warn) as (cache, _):
        gone = cache.cleanup(_now(now))
        cache.require_usable()
    return gone


def clear(
    base_dir: BaseDir, *, environ: Mapping[str, str] | None = None, warn: Warn = warnings.warn
) -> int:
    """Throw everything out, of all projects that share the folder; return the sessions gone.

    A broken cache is made new, of which `warn` is told.
    """
    with _opened(base_dir, environ, warn) as (cache, _):
        gone = cache.clear()
        cache.require_usable()
    return gone


def folder(base_dir: BaseDir, *, environ: Mapping[str, str] | None = None) -> Path:
    """Return where the project's cache is, or would be."""
    with _opened(base_dir, environ) as (cache, _):
        return cache.folder


def open_cache(
    project: Path, settings: GlobalCacheSettings, environ: Mapping[str, str]
) -> ContextCache:
    """Return the cache of *settings*; nothing is touched before it is used.

    Raises NotTrusted for a folder that the user has not agreed to.
    """
    from ccw.config.places import cache_folder
    from ccw.config.trust.checking import check_cache_dir
    from ccw.context.cache.store import ContextCache

    check_cache_dir(project, settings.cache_dir, environ)
    folder = cache_folder(project, settings.cache_dir, environ)
    return ContextCache(folder, settings.max_total_size_mb * 1024 * 1024, str(project))


def _sessions(cache: ContextCache, now: float | None) -> tuple[SessionStatus, ...]:
    return tuple(session_status(manifest) for manifest in cache.sessions(_now(now)))


def _scope(base_dir: BaseDir, cwd: BaseDir | None, environ: Mapping[str, str]) -> Scope:
    from ccw.config.places import home_folder
    from ccw.context.files.find import Scope

    project = Path(base_dir).absolute()
    start = project if cwd is None else Path(cwd).absolute()
    return Scope(project, start, home=home_folder(environ))


@contextmanager
def _opened(
    base_dir: BaseDir, environ: Mapping[str, str] | None, warn: Warn | None = None
) -> Iterator[tuple[ContextCache, GlobalCacheSettings]]:
    """Give the project's cache and settings; what went wrong is told at the end."""
    from ccw.config.layers import load_config

    project = Path(base_dir).absolute()
    settings = load_config(project, _environ(environ)).global_cache_settings
    cache = open_cache(project, settings, _environ(environ))
    try:
        yield cache, settings
    finally:
        cache.close()
        for text in cache.warnings:
            if warn is not None:
                warn(text)


def unknown(session_id: str) -> NotFound:
    """Return the error for a session that is not there."""
    return NotFound(
        f"Session not found: {session_id}; it may have expired (`ccw cache list` shows all)"
    )


def _environ(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _now(now: float | None) -> float:
    return time.time() if now is None else now
