"""The configuration as a whole, its default endpoint and its cache settings."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ccw.config import manager
from ccw.config.views import masked
from ccw.web.answers import Json
from ccw.web.etags import etag
from ccw.web.routes.asked import OfUser, Patch
from ccw.web.settings import current_of, saving

router = APIRouter(prefix="/api/litellm-api/config", tags=["config"])


class DefaultEndpoint(BaseModel):
    """Which endpoint is asked unless another is named; null: none."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", strict=True
    )
    default_endpoint: str | None


@router.get("")
async def show_config(request: Request) -> Json:
    """Show the whole configuration, defaults included, literal secrets masked."""
    shown = current_of(request).shown
    return Json(shown, headers={"ETag": etag(shown)})


@router.put("/default-endpoint")
def set_default(request: Request, body: DefaultEndpoint, user: OfUser = False) -> Json:
    """Make an enabled chat endpoint the default; null clears it."""
    with saving(request) as asked:
        manager.set_default_endpoint(
            asked.project, body.default_endpoint, user=user, environ=asked.environ
        )
    return Json({"success": True, "defaultEndpoint": current_of(request).config.default_endpoint})


@router.put("/cache")
def update_cache(request: Request, patch: Patch, user: OfUser = False) -> Json:
    """Change the settings of the context cache by a merge patch."""
    with saving(request) as asked:
        changed = manager.update_global_cache_settings(
            asked.project, patch, user=user, environ=asked.environ
        )
    return Json({"success": True, "globalCacheSettings": masked(changed)})
