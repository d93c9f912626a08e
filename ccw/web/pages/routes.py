"""The pages: read what there is, render it. What they change goes through the API."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ccw.config.layers import Effective, load_effective
from ccw.config.models import ProviderCredential
from ccw.config.references import ProjectEnviron, project_environ
from ccw.config.selection import with_implicit
from ccw.config.state import read_state
from ccw.execution.reasons import OTHERWISE, WHY
from ccw.web.pages.kinds import kind_groups, label_of
from ccw.web.pages.rendering import Html, PageRoute, page
from ccw.web.pages.rows import ProviderRow, endpoint_rows, provider_rows, shown_path
from ccw.web.settings import settings_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
def start(request: Request) -> Response:
    """Lead to where there is something to do: the first provider, or a question."""
    ready = _effective(request).config.endpoints
    return RedirectResponse("/playground" if ready else "/providers")


@router.get("/providers")
def providers(request: Request) -> Html:
    """Show who serves models."""
    found = _effective(request)
    return page(
        request,
        "providers.html",
        "providers",
        rows=_provider_rows(request, found),
        kinds=kind_groups(),
        file=shown_path(found.project_path, settings_of(request).project),
        endpoint_ids=[endpoint.id for endpoint in found.config.endpoints],
    )


@router.get("/endpoints")
def endpoints(request: Request) -> Html:
    """Show which models are asked, and how."""
    found = _effective(request)
    offered = _providers(request, found)
    return page(
        request,
        "endpoints.html",
        "endpoints",
        rows=endpoint_rows(found, offered),
        providers=offered,
        chat_ids=[e.id for e in found.config.endpoints if e.purpose == "chat"],
        default=found.config.default_endpoint,
    )


@router.get("/models")
def models(request: Request) -> Html:
    """Show which models there are; the lists come afterwards, each when its gateway answers."""
    rows = _provider_rows(request, _effective(request))
    return page(request, "models.html", "models", rows=[row for row in rows if row.enabled])


@router.get("/cache")
def cache(request: Request) -> Html:
    """Show what is kept, and what that saved."""
    from ccw.web.pages.cache import cache_view  # a start does without the context cache

    settings = settings_of(request)
    view = cache_view(settings.project, settings.environ, time.time())
    return page(request, "cache.html", "cache", view=view)


@router.get("/playground")
def playground(request: Request) -> Html:
    """Ask a model, and see before what that sends."""
    found = _effective(request)
    groups = [
        (provider, [e for e in found.config.endpoints if e.provider_id == provider.id])
        for provider in _providers(request, found)
        if provider.enabled
    ]
    chats = [
        (p.name, label_of(p.type), [e for e in own if e.enabled and e.purpose == "chat"])
        for p, own in groups
    ]
    return page(
        request,
        "playground.html",
        "playground",
        groups=[group for group in chats if group[2]],
        default=found.config.default_endpoint,
        reasons=WHY,
        otherwise=OTHERWISE,
    )


def _effective(request: Request) -> Effective:
    settings = settings_of(request)
    return load_effective(settings.project, settings.environ)


def _providers(request: Request, found: Effective) -> tuple[ProviderCredential, ...]:
    """Return the providers with the one that the environment makes."""
    return with_implicit(found.config, _environ(request)).providers


def _provider_rows(request: Request, found: Effective) -> tuple[ProviderRow, ...]:
    return provider_rows(found, read_state(settings_of(request).project), _environ(request))


def _environ(request: Request) -> ProjectEnviron:
    settings = settings_of(request)
    return project_environ(settings.project, settings.environ)
