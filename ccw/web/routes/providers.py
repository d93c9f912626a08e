"""Providers: list, add, show, change, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request

from ccw.config import manager
from ccw.config.advice import shadow_advice
from ccw.config.layers import target_of
from ccw.config.lookup import find_provider
from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.references import project_environ
from ccw.config.selection import with_implicit
from ccw.config.views import masked
from ccw.web.answers import Json
from ccw.web.etags import etag, unchanged
from ccw.web.routes.asked import IfMatch, OfAnyType, OfUser, Patch
from ccw.web.routes.endpoints import removed
from ccw.web.routes.noted import provider_notes, refuse_slip
from ccw.web.settings import current_of, saving, settings_of

router = APIRouter(prefix="/api/litellm-api/providers", tags=["providers"])


@router.get("")
async def list_providers(request: Request) -> Json:
    """List the providers, that of the environment included, literal keys masked."""
    providers = _shown(request)
    return Json({"providers": providers, "count": len(providers)})


@router.post("", status_code=201)
def add_provider(
    request: Request, data: Patch, user: OfUser = False, any_type: OfAnyType = False
) -> Json:
    """Add a provider; an `id` given is kept, else one is made."""
    if not any_type:
        refuse_slip(data.get("type"))
    with saving(request) as asked:
        environ = project_environ(asked.project, asked.environ)  # a broken .env saves nothing
        added = manager.add_provider(asked.project, data, user=user, environ=asked.environ)
        other = target_of(asked.project, asked.environ, user=user).other
    notes = (*provider_notes(added, data, environ, user=user), *shadow_advice(added, other))
    return _saved(added, notes, 201)


@router.get("/{provider_id}")
async def show_provider(request: Request, provider_id: str) -> Json:
    """Show one provider; its `ETag` is what `If-Match` takes."""
    known = (provider for provider in _shown(request) if provider["id"] == provider_id)
    shown = next(known, None) or masked(find_provider(current_of(request).config, provider_id))
    return Json(shown, headers={"ETag": etag(shown)})


@router.put("/{provider_id}")
def update_provider(
    request: Request,
    provider_id: str,
    patch: Patch,
    if_match: IfMatch = None,
    user: OfUser = False,
    any_type: OfAnyType = False,
) -> Json:
    """Change a provider by a merge patch; a masked key means unchanged."""
    notes: list[str] = []
    with saving(request) as asked:
        if not any_type and _changes_type(request, provider_id, patch):
            refuse_slip(patch["type"])
        environ = project_environ(asked.project, asked.environ)
        changed = manager.update_provider(
            asked.project,
            provider_id,
            patch,
            user=user,
            environ=asked.environ,
            check=unchanged(if_match, _providers, provider_id),
            warn=notes.append,
        )
    return _saved(changed, (*provider_notes(changed, patch, environ, user=user), *notes))


@router.delete("/{provider_id}")
def remove_provider(
    request: Request, provider_id: str, if_match: IfMatch = None, user: OfUser = False
) -> Json:
    """Remove a provider with its endpoints."""
    notes: list[str] = []
    with saving(request) as asked:
        gone = manager.remove_provider(
            asked.project,
            provider_id,
            user=user,
            environ=asked.environ,
            check=unchanged(if_match, _providers, provider_id),
            warn=notes.append,
        )
    return removed(request, gone, notes)


def _shown(request: Request) -> list[dict[str, Any]]:
    """Return the providers as they may be shown, last the one that LITELLM_ENABLED makes."""
    now, settings = current_of(request), settings_of(request)
    whole = with_implicit(now.config, project_environ(settings.project, settings.environ))
    made = whole.providers[len(now.config.providers) :]
    return [*now.shown["providers"], *map(masked, made)]


def _providers(config: LiteLLMApiConfig) -> tuple[ProviderCredential, ...]:
    return config.providers


def _changes_type(request: Request, provider_id: str, patch: Patch) -> bool:
    saved = by_id(current_of(request).config.providers, provider_id)
    return saved is not None and patch.get("type") not in (None, saved.type)


def _saved(provider: ProviderCredential, notes: Sequence[str], status: int = 200) -> Json:
    shown = masked(provider)
    body = {"success": True, "provider": shown, "notes": list(notes)}
    return Json(body, status, headers={"ETag": etag(shown)})
