"""The OpenAPI document: what FastAPI finds by itself, with the shapes of the config models."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from ccw.config.models import (
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
    ProviderCredential,
)

REF = "#/components/schemas/{model}"
JSON, EVENTS = "application/json", "text/event-stream"
API = "/api/litellm-api"
MODELS: tuple[type[BaseModel], ...] = (
    ProviderCredential,
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
)
# what a merge patch may hold: the fields of a model, none of them needed
PATCHES: dict[tuple[str, str], type[BaseModel]] = {
    (f"{API}/providers", "post"): ProviderCredential,
    (f"{API}/providers/{{provider_id}}", "put"): ProviderCredential,
    (f"{API}/endpoints", "post"): CustomEndpoint,
    (f"{API}/endpoints/{{endpoint_id}}", "put"): CustomEndpoint,
    (f"{API}/config/cache", "put"): GlobalCacheSettings,
}
ANSWERS: dict[tuple[str, str], type[BaseModel]] = {
    (f"{API}/providers/{{provider_id}}", "get"): ProviderCredential,
    (f"{API}/endpoints/{{endpoint_id}}", "get"): CustomEndpoint,
    (f"{API}/config", "get"): LiteLLMApiConfig,
}
FAILURE = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["type", "message"],
            "properties": {"type": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
FAILED = {
    "description": "What is wrong and what to do; the status tells whose fault it is.",
    "content": {JSON: {"schema": {"$ref": REF.format(model="Failure")}}},
}
STREAM = {"schema": {"type": "string", "description": "Events files, delta, usage, done, error."}}


def describe(app: FastAPI) -> None:
    """Make *app* answer `/openapi.json` with the whole document, built when it is asked for."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(
                get_openapi(title=app.title, version=app.version, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Return *document* with the shapes of bodies, answers and failures."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Failure"] = FAILURE
    for model in MODELS:
        schema = model.model_json_schema(ref_template=REF, mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, (path, method))
    return document


def _complete(operation: dict[str, Any], key: tuple[str, str]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    responses["default"] = FAILED
    if key in PATCHES:
        schema = PATCHES[key].model_json_schema(ref_template=REF)
        patch = {"type": "object", "properties": schema["properties"]}
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": patch}}}
    if key in ANSWERS:
        ref = {"$ref": REF.format(model=ANSWERS[key].__name__)}
        responses["200"]["content"] = {JSON: {"schema": ref}}
    if key[0].endswith("/cli/execute"):
        responses["200"]["content"] = {EVENTS: STREAM, JSON: {"schema": {"type": "object"}}}
