"""The context cache: its figures and sessions, and how to empty it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from ccw import context_cache
from ccw.context_cache import READ_LIMIT
from ccw.web.answers import Json, camel
from ccw.web.settings import ServeSettings, settings_of

router = APIRouter(prefix="/api/litellm-api/cache", tags=["cache"])
Offset = Annotated[int, Query(ge=0, description="First byte of the packed text.")]
Limit = Annotated[int, Query(ge=1, le=16 * READ_LIMIT, description="Bytes of the packed text.")]


@router.get("/stats")
def stats(request: Request) -> Json:
    """Show size, bound, hits and misses, of all projects that share the folder."""
    asked = settings_of(request)
    return Json(camel(context_cache.status(asked.project, environ=asked.environ)))


@router.get("/sessions")
def list_sessions(request: Request) -> Json:
    """List the sessions that have not expired, the newest first."""
    asked, warnings = _asked(request)
    found = context_cache.sessions(asked.project, environ=asked.environ, warn=warnings.append)
    return Json({"sessions": camel(found), "count": len(found), "warnings": warnings})


@router.get("/sessions/{session_id}")
def show_session(
    request: Request, session_id: str, offset: Offset = 0, limit: Limit = READ_LIMIT
) -> Json:
    """Show one session with a piece of its packed text."""
    asked, warnings = _asked(request)
    given: dict[str, Any] = {"environ": asked.environ, "warn": warnings.append}
    session = context_cache.session(asked.project, session_id, **given)
    piece = context_cache.read(asked.project, session_id, offset, limit, **given)
    return Json({**camel(session), **camel(piece), "warnings": warnings})


@router.delete("/sessions/{session_id}")
def release_session(request: Request, session_id: str) -> Json:
    """Throw one session out."""
    asked, warnings = _asked(request)
    if not context_cache.release(
        asked.project, session_id, environ=asked.environ, warn=warnings.append
    ):
        raise context_cache.unknown(session_id)
    return Json({"success": True, "released": session_id, "warnings": warnings})


@router.post("/clear")
def clear(request: Request) -> Json:
    """Throw everything out, of all projects that share the folder."""
    asked, warnings = _asked(request)
    gone = context_cache.clear(asked.project, environ=asked.environ, warn=warnings.append)
    return Json({"success": True, "removed": gone, "warnings": warnings})


def _asked(request: Request) -> tuple[ServeSettings, list[str]]:
    return settings_of(request), []
