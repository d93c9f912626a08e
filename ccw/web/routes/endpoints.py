"""Endpoints: list, add, show, change, remove."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request

from ccw.config import manager
from ccw.config.advice import shadow_advice
from ccw.config.layers import target_of
from ccw.config.lookup import find_endpoint
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig
from ccw.config.views import masked
from ccw.web.answers import Json
from ccw.web.etags import etag, unchanged
from ccw.web.routes.asked import IfMatch, OfUser, Patch
from ccw.web.routes.noted import endpoint_notes
from ccw.web.settings import current_of, saving

router = APIRouter(prefix="/api/litellm-api/endpoints", tags=["endpoints"])


@router.get("")
async def list_endpoints(request: Request) -> Json:
    """List the endpoints."""
    endpoints = current_of(request).shown["endpoints"]
    return Json({"endpoints": endpoints, "count": len(endpoints)})


@router.post("", status_code=201)
def add_endpoint(request: Request, data: Patch, user: OfUser = False) -> Json:
    """Add an endpoint; the first one for chat becomes the default."""
    with saving(request) as asked:
        added = manager.add_endpoint(asked.project, data, user=user, environ=asked.environ)
        other = target_of(asked.project, asked.environ, user=user).other
    config = current_of(request).config
    notes = (*endpoint_notes(added, data, config), *shadow_advice(added, other))
    return _saved(added, notes, 201)


@router.get("/{endpoint_id}")
async def show_endpoint(request: Request, endpoint_id: str) -> Json:
    """Show one endpoint; its `ETag` is what `If-Match` takes."""
    now = current_of(request)
    found = find_endpoint(now.config, endpoint_id)
    shown = now.shown["endpoints"][now.config.endpoints.index(found)]
    return Json(shown, headers={"ETag": etag(shown)})


@router.put("/{endpoint_id}")
def update_endpoint(
    request: Request,
    endpoint_id: str,
    patch: Patch,
    if_match: IfMatch = None,
    user: OfUser = False,
) -> Json:
    """Change an endpoint by a merge patch."""
    with saving(request) as asked:
        changed = manager.update_endpoint(
            asked.project,
            endpoint_id,
            patch,
            user=user,
            environ=asked.environ,
            check=unchanged(if_match, _endpoints, endpoint_id),
        )
    return _saved(changed, tuple(endpoint_notes(changed, patch, current_of(request).config)))


@router.delete("/{endpoint_id}")
def remove_endpoint(
    request: Request, endpoint_id: str, if_match: IfMatch = None, user: OfUser = False
) -> Json:
    """Remove an endpoint; a default that it was moves to the next one."""
    with saving(request) as asked:
        manager.remove_endpoint(
            asked.project,
            endpoint_id,
            user=user,
            environ=asked.environ,
            check=unchanged(if_match, _endpoints, endpoint_id),
        )
    return removed(request, (endpoint_id,))


def removed(request: Request, gone: Sequence[str], notes: Sequence[str] = ()) -> Json:
    """Answer that the endpoints *gone* are no more."""
    default = current_of(request).config.default_endpoint
    known = {"deletedEndpoints": list(gone), "defaultEndpoint": default, "notes": list(notes)}
    return Json({"success": True, **known})


def _endpoints(config: LiteLLMApiConfig) -> tuple[CustomEndpoint, ...]:
    return config.endpoints


def _saved(endpoint: CustomEndpoint, notes: Sequence[str], status: int = 200) -> Json:
    shown = masked(endpoint)
    body = {"success": True, "endpoint": shown, "notes": list(notes)}
    return Json(body, status, headers={"ETag": etag(shown)})
