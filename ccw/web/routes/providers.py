"""Providers: list, add, show, change, remove."""

from __future__ import annotations

from fastapi import APIRouter, Request

from ccw.config import manager
from ccw.config.lookup import find_provider
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.views import masked
from ccw.web.answers import Json
from ccw.web.etags import etag, unchanged
from ccw.web.routes.asked import IfMatch, OfUser, Patch
from ccw.web.routes.endpoints import removed
from ccw.web.settings import current_of, saving

router = APIRouter(prefix="/api/litellm-api/providers", tags=["providers"])


@router.get("")
async def list_providers(request: Request) -> Json:
    """List the providers, literal keys masked."""
    providers = current_of(request).shown["providers"]
    return Json({"providers": providers, "count": len(providers)})


@router.post("", status_code=201)
def add_provider(request: Request, data: Patch, user: OfUser = False) -> Json:
    """Add a provider; an `id` given is kept, else one is made."""
    with saving(request) as asked:
        added = manager.add_provider(asked.project, data, user=user, environ=asked.environ)
    return _saved(added, 201)


@router.get("/{provider_id}")
async def show_provider(request: Request, provider_id: str) -> Json:
    """Show one provider; its `ETag` is what `If-Match` takes."""
    now = current_of(request)
    found = find_provider(now.config, provider_id)
    shown = now.shown["providers"][now.config.providers.index(found)]
    return Json(shown, headers={"ETag": etag(shown)})


@router.put("/{provider_id}")
def update_provider(
    request: Request,
    provider_id: str,
    patch: Patch,
    if_match: IfMatch = None,
    user: OfUser = False,
) -> Json:
    """Change a provider by a merge patch; a masked key means unchanged."""
    with saving(request) as asked:
        changed = manager.update_provider(
            asked.project,
            provider_id,
            patch,
            user=user,
            environ=asked.environ,
            check=unchanged(if_match, _providers, provider_id),
        )
    return _saved(changed)


@router.delete("/{provider_id}")
def remove_provider(
    request: Request, provider_id: str, if_match: IfMatch = None, user: OfUser = False
) -> Json:
    """Remove a provider with its endpoints."""
    with saving(request) as asked:
        gone = manager.remove_provider(
            asked.project,
            provider_id,
            user=user,
            environ=asked.environ,
            check=unchanged(if_match, _providers, provider_id),
        )
    return removed(request, gone)


def _providers(config: LiteLLMApiConfig) -> tuple[ProviderCredential, ...]:
    return config.providers


def _saved(provider: ProviderCredential, status: int = 200) -> Json:
    shown = masked(provider)
    body = {"success": True, "provider": shown}
    return Json(body, status, headers={"ETag": etag(shown)})
