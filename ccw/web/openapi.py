"""The OpenAPI document: what FastAPI finds by itself, with every answer that there may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from ccw.config.models import CustomEndpoint, GlobalCacheSettings, ProviderCredential
from ccw.web.checks import SIGN_IN
from ccw.web.shapes import (
    ANSWERS,
    ENDPOINT,
    OF_CONFIG,
    PROVIDER,
    REF,
    TEXT,
    Schema,
    all_shapes,
    ref,
)

JSON, EVENTS = "application/json", "text/event-stream"
EXECUTE, PREVIEW = ("/api/cli/execute", "post"), ("/api/context/preview", "post")
# what a merge patch may hold: the fields of a model, none of them needed
PATCHES: dict[tuple[str, str], type[BaseModel]] = {
    (f"{OF_CONFIG}/providers", "post"): ProviderCredential,
    (PROVIDER, "put"): ProviderCredential,
    (f"{OF_CONFIG}/endpoints", "post"): CustomEndpoint,
    (ENDPOINT, "put"): CustomEndpoint,
    (f"{OF_CONFIG}/config/cache", "put"): GlobalCacheSettings,
}
TAGGED = {
    *((path, method) for path in (PROVIDER, ENDPOINT) for method in ("get", "put")),
    *((f"{OF_CONFIG}/{kind}", "post") for kind in ("providers", "endpoints")),
    (f"{OF_CONFIG}/config", "get"),
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The token of `ccw serve --token`, or of `CCW_TOKEN`; without it none is asked.",
}
STREAM = {"schema": ref("Event")}
REASONS = {
    400: "The request names no host, or its body is not JSON.",
    401: "The token is missing or wrong.",
    403: "The request comes from another site or user, or the project is not trusted.",
    404: "Nothing has this id.",
    408: "The body took too long to arrive.",
    409: "The id is taken.",
    412: "It was changed since it was read; `current` and `yours` are both versions.",
    413: "The body, the files or the cost are over a bound.",
    415: "The body is not declared as JSON.",
    422: "A value cannot be used; the message names it.",
    429: "As many calls, tests or previews are under way as may be.",
    500: "A file of ccw's is broken, which the message names, or ccw failed.",
    502: "The provider failed.",
    503: "The provider asks to wait, or the server was stopped.",
    504: "The provider took too long.",
}
EVERYWHERE = (400, 401, 403, 413, 415, 422, 500, 503)
OF_A_CALL = (404, 413)
FURTHER: dict[tuple[str, str], tuple[int, ...]] = {
    (f"{OF_CONFIG}/providers", "post"): (409,),
    (f"{OF_CONFIG}/endpoints", "post"): (409,),
    (f"{OF_CONFIG}/config/default-endpoint", "put"): (404,),
    EXECUTE: (*OF_A_CALL, 429, 502, 504),
    PREVIEW: (*OF_A_CALL, 429),
    (f"{PROVIDER}/test", "post"): (429,),
    (f"{PROVIDER}/models", "get"): (429,),
    (f"{OF_CONFIG}/test-connection", "post"): (429,),
    ("/api/models", "get"): (429,),
    ("/api/models", "post"): (429,),
}


def describe(app: FastAPI, *, with_token: bool) -> None:
    """Make *app* answer `/openapi.json` with the whole document, built when it is asked for.

    *with_token* tells that each request has to bear it.
    """

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(
                get_openapi(title=app.title, version=app.version, routes=app.routes),
                with_token=with_token,
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def completed(document: dict[str, Any], *, with_token: bool) -> dict[str, Any]:
    """Return *document* with the shapes of bodies, answers and failures, and who may ask."""
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {"token": BEARER}
    document["security"] = [{"token": []}] if with_token else []
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(all_shapes())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, (path, method))
    document["paths"][SIGN_IN]["post"]["security"] = []  # the token is in its body
    return document


def _complete(operation: dict[str, Any], key: tuple[str, str]) -> None:
    if key in PATCHES:
        schema = PATCHES[key].model_json_schema(ref_template=REF)
        patch = {"type": "object", "properties": schema["properties"]}
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": patch}}}
    responses = operation["responses"]
    good = next(code for code in responses if code.startswith("2"))
    responses[good] |= _answer(key)
    for status in sorted({*EVERYWHERE, *FURTHER.get(key, ()), *_by_parts(operation)}):
        responses[str(status)] = _failure(status)


def _answer(key: tuple[str, str]) -> Schema:
    content = {JSON: {"schema": ANSWERS[key]}}
    if key == EXECUTE:
        content[EVENTS] = STREAM
    if key in TAGGED:
        tag = {"description": "What `If-Match` takes.", "required": True, "schema": TEXT}
        return {"content": content, "headers": {"ETag": tag}}
    return {"content": content}


def _by_parts(operation: dict[str, Any]) -> Iterator[int]:
    """Yield the statuses of failures that the parts of a request bring with them."""
    parameters = operation.get("parameters", ())
    if any(parameter["in"] == "path" for parameter in parameters):
        yield 404
    if any(parameter["name"] == "if-match" for parameter in parameters):
        yield 412
    if "requestBody" in operation:
        yield 408


def _failure(status: int) -> Schema:
    return {"description": REASONS[status], "content": {JSON: {"schema": ref("Failure")}}}
