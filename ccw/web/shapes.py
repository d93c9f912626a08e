"""What the answers of the API hold, as JSON Schema made from the types that they come from."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from ccw.config.models import (
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
    ProviderCredential,
)
from ccw.web.answers import camel_name

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"
MODELS: tuple[type[BaseModel], ...] = (
    ProviderCredential,
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
)
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
AMOUNT: Schema = {"type": "number", "minimum": 0}
DONE: Schema = {"const": True}


def ref(name: str) -> Schema:
    """Return a reference to the shape *name*."""
    return {"$ref": REF.format(model=name)}


def array(items: Schema) -> Schema:
    """Return the shape of an array."""
    return {"type": "array", "items": items}


def maybe(shape: Schema) -> Schema:
    """Return *shape*, or null for what is unknown or not there."""
    return {"anyOf": [shape, {"type": "null"}]}


def record(**fields: Schema) -> Schema:
    """Return the shape of an object that has all *fields*, and may have more."""
    return {"type": "object", "required": list(fields), "properties": fields}


FAILURE = record(error=record(type=TEXT, message=TEXT))
EVENT: Schema = {
    **record(event={"enum": ["files", "delta", "usage", "done", "error"]}, data=TEXT),
    "description": "One of the events of an answer; `data` is JSON.",
}
REMOVED = record(
    success=DONE, deletedEndpoints=array(TEXT), defaultEndpoint=maybe(TEXT), notes=array(TEXT)
)
CHECK = record(
    success=FLAG,
    provider=TEXT,
    models=array(ref("ModelDetails")),
    count=COUNT,
    latencyMs=maybe(AMOUNT),
    error=maybe(TEXT),
    kind=maybe(TEXT),
    status=maybe(COUNT),
    note=maybe(TEXT),
    keys=array({"type": "object"}),
)
MODEL_LIST = record(
    provider=TEXT,
    type=TEXT,
    models=array(ref("ModelDetails")),
    count=COUNT,
    source=TEXT,
    fetchedAt=maybe(TEXT),
    stale=FLAG,
    error=maybe(TEXT),
)
MERGED_MODEL: Schema = {
    "allOf": [
        ref("ModelDetails"),
        record(provider=TEXT, vendor=TEXT, providerId=TEXT, source=TEXT, stale=FLAG),
    ]
}
REFRESHED = record(success=DONE, message=TEXT, count=COUNT, errors={"type": "object"})
SESSIONS = record(sessions=array(ref("SessionStatus")), count=COUNT, warnings=array(TEXT))
OPENED: Schema = {"allOf": [ref("SessionStatus"), ref("ReadResult")]}
PATHS = record(paths=array(record(path=TEXT, folder=FLAG)), count=COUNT, more=FLAG)

OF_CONFIG = "/api/litellm-api"
PROVIDER, ENDPOINT = (
    f"{OF_CONFIG}/providers/{{provider_id}}",
    f"{OF_CONFIG}/endpoints/{{endpoint_id}}",
)
SESSION = f"{OF_CONFIG}/cache/sessions/{{session_id}}"
_ONE_PROVIDER = record(success=DONE, provider=ref("ProviderCredential"), notes=array(TEXT))
_ONE_ENDPOINT = record(success=DONE, endpoint=ref("CustomEndpoint"), notes=array(TEXT))
ANSWERS: dict[tuple[str, str], Schema] = {
    (f"{OF_CONFIG}/providers", "get"): record(
        providers=array(ref("ProviderCredential")), count=COUNT
    ),
    (f"{OF_CONFIG}/providers", "post"): _ONE_PROVIDER,
    (PROVIDER, "get"): ref("ProviderCredential"),
    (PROVIDER, "put"): _ONE_PROVIDER,
    (PROVIDER, "delete"): REMOVED,
    (f"{PROVIDER}/test", "post"): CHECK,
    (f"{PROVIDER}/models", "get"): MODEL_LIST,
    (f"{OF_CONFIG}/test-connection", "post"): CHECK,
    (f"{OF_CONFIG}/endpoints", "get"): record(endpoints=array(ref("CustomEndpoint")), count=COUNT),
    (f"{OF_CONFIG}/endpoints", "post"): _ONE_ENDPOINT,
    (ENDPOINT, "get"): ref("CustomEndpoint"),
    (ENDPOINT, "put"): _ONE_ENDPOINT,
    (ENDPOINT, "delete"): REMOVED,
    (f"{OF_CONFIG}/config", "get"): ref("LiteLLMApiConfig"),
    (f"{OF_CONFIG}/config/default-endpoint", "put"): record(
        success=DONE, defaultEndpoint=maybe(TEXT)
    ),
    (f"{OF_CONFIG}/config/cache", "put"): record(
        success=DONE, globalCacheSettings=ref("GlobalCacheSettings")
    ),
    (f"{OF_CONFIG}/cache/stats", "get"): ref("CacheStatus"),
    (f"{OF_CONFIG}/cache/sessions", "get"): SESSIONS,
    (SESSION, "get"): OPENED,
    (SESSION, "delete"): record(success=DONE, released=TEXT, warnings=array(TEXT)),
    (f"{OF_CONFIG}/cache/clear", "post"): record(success=DONE, removed=COUNT, warnings=array(TEXT)),
    ("/api/models", "get"): array(MERGED_MODEL),
    ("/api/models", "post"): REFRESHED,
    ("/api/context/preview", "post"): ref("Preview"),
    ("/api/context/paths", "get"): PATHS,
    ("/api/cli/execute", "post"): {
        "anyOf": [ref("LiteLLMExecutionResult"), ref("Preview")],
        "description": "The answer as a whole (stream false), or what would be sent (dryRun).",
    },
    ("/api/session", "post"): record(success=DONE, needed=FLAG),
}


def all_shapes() -> dict[str, Schema]:
    """Return every shape that others refer to, by its name."""
    shapes: dict[str, Schema] = {"Failure": FAILURE, "Event": EVENT}
    for model in MODELS:
        _add(
            shapes, model.__name__, model.model_json_schema(ref_template=REF, mode="serialization")
        )
    for kind in _results():
        made = TypeAdapter(kind).json_schema(ref_template=REF, mode="serialization")
        _add(shapes, kind.__name__, _in_camel_case(made))
    return shapes


def _results() -> tuple[type, ...]:
    from ccw.context.cache.results import CacheStatus, ReadResult, SessionStatus
    from ccw.execution.options import LiteLLMExecutionResult
    from ccw.execution.preview import Preview
    from ccw.llm.gateway.details import ModelDetails

    return CacheStatus, ReadResult, SessionStatus, LiteLLMExecutionResult, ModelDetails, Preview


def _add(shapes: dict[str, Schema], name: str, schema: Schema) -> None:
    shapes.update(schema.pop("$defs", {}))
    shapes[name] = schema


def _in_camel_case(schema: Any) -> Any:
    """Return *schema* with the fields of its objects named as the answers name them."""
    if isinstance(schema, list):
        return [_in_camel_case(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _in_camel_case(value) for key, value in schema.items()}
    if "properties" in schema:
        made["properties"] = {camel_name(key): value for key, value in made["properties"].items()}
        made["required"] = [camel_name(key) for key in schema.get("required", ())]
    return made
