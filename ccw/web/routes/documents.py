"""The API's documentation as a page of our own: FastAPI's load their scripts from another host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request

from ccw.web.pages.rendering import Html, page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as the page shows it; `fields` are those of its body.

    `parameters` stand behind the `?` of the address or in headers; those of the path are in it.
    """

    method: str
    path: str
    summary: str
    parameters: tuple[str, ...]
    fields: tuple[str, ...]


@router.get("/docs")
def documentation(request: Request) -> Html:
    """Show what the API can do, from the OpenAPI document."""
    operations = list(operations_of(request.app.openapi()))
    return page(request, "docs.html", "docs", operations=operations)


def operations_of(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield what *document* describes, in its order."""
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=found.get("description", ""),
                parameters=tuple(
                    p["name"] for p in found.get("parameters", ()) if p["in"] != "path"
                ),
                fields=tuple(_fields(found, document["components"]["schemas"])),
            )


def _fields(operation: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", ()))
