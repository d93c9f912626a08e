"""Which models the providers have, and whether they answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from pydantic import AliasChoices, Field

from ccw.config.references import MARK, expand, has_sources, project_environ
from ccw.errors import InvalidValue
from ccw.gateways.models import ModelList, all_models, list_models
from ccw.gateways.shapes import shape_of_check, shape_of_list, shape_of_model
from ccw.gateways.testing import check_connection, check_provider
from ccw.web.answers import Json
from ccw.web.routes.asked import Asked
from ccw.web.settings import ServeSettings, asking

router = APIRouter(prefix="/api", tags=["models"])
SAVE_FIRST = "save the provider, then test it"


class Connection(Asked):
    """A gateway that is not saved yet; `apiKey` may be a reference to a variable."""

    base_url: str = Field(validation_alias=AliasChoices("baseUrl", "url", "base_url"))
    api_key: str | None = Field(default=None, repr=False)
    type: str = Field(default="litellm", min_length=1)


@router.post("/litellm-api/providers/{provider_id}/test")
def test_provider(request: Request, provider_id: str) -> Json:
    """Test a provider and each of its keys, without a bill; 200 also when the test fails."""
    with asking(request) as settings:
        result = check_provider(settings.project, provider_id, environ=settings.environ)
    return Json(shape_of_check(result))


@router.post("/litellm-api/test-connection")
def test_connection(request: Request, body: Connection) -> Json:
    """Test a gateway before it is saved; 200 also when the test fails."""
    with asking(request) as settings:
        key = _key(settings, body.api_key)
        return Json(shape_of_check(check_connection(body.base_url, key, body.type)))


@router.get("/litellm-api/providers/{provider_id}/models")
def list_provider_models(request: Request, provider_id: str, refresh: bool = False) -> Json:
    """List a provider's models, kept for 5 minutes; the last list when the gateway is down."""
    with asking(request) as asked:
        found = list_models(asked.project, provider_id, refresh=refresh, environ=asked.environ)
    return Json(shape_of_list(found))


@router.get("/models")
def list_all_models(request: Request) -> Json:
    """List the models of all enabled providers as one array."""
    with asking(request) as settings:
        return Json(merged(all_models(settings.project, environ=settings.environ)))


@router.post("/models")
def refresh_models(request: Request) -> Json:
    """Ask every gateway anew."""
    with asking(request) as settings:
        found = all_models(settings.project, refresh=True, environ=settings.environ)
    errors = {listed.provider: listed.error for listed in found if listed.error}
    count = sum(len(listed.models) for listed in found)
    message = "Model cache refreshed"
    return Json({"success": True, "message": message, "count": count, "errors": errors})


def merged(lists: Iterable[ModelList]) -> list[dict[str, Any]]:
    """Return the models of all *lists*; `provider` is the type, `vendor` who makes the model."""
    return [
        {
            **shape_of_model(model),
            "provider": listed.type,
            "vendor": model.provider,
            "providerId": listed.provider,
            "source": listed.source,
            "stale": listed.stale,
        }
        for listed in lists
        for model in listed.models
    ]


def _key(settings: ServeSettings, text: str | None) -> str | None:
    if not text:
        return None
    if MARK in text:
        raise InvalidValue(f"apiKey is masked ({MARK}); {SAVE_FIRST}")
    if has_sources(text):
        raise InvalidValue(f"apiKey refers to more than a variable; {SAVE_FIRST}")
    return expand(text, project_environ(settings.project, settings.environ), "apiKey")
