"""The OpenAPI document names every route, every body and the one shape of failures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ccw.config.models import ProviderCredential
from tests.web.apis import API, client_of


@pytest.fixture
def document(api: TestClient) -> dict[str, Any]:
    return api.get("/openapi.json").json()


def test_every_route_is_there(document: dict[str, Any]) -> None:
    found = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    of_config = """
        GET providers, POST providers, GET providers/{provider_id}, PUT providers/{provider_id},
        DELETE providers/{provider_id}, POST providers/{provider_id}/test,
        GET providers/{provider_id}/models, POST test-connection,
        GET endpoints, POST endpoints, GET endpoints/{endpoint_id}, PUT endpoints/{endpoint_id},
        DELETE endpoints/{endpoint_id}, GET config, PUT config/default-endpoint, PUT config/cache,
        GET cache/stats, GET cache/sessions, GET cache/sessions/{session_id},
        DELETE cache/sessions/{session_id}, POST cache/clear"""
    routes = (route.split() for route in of_config.split(","))
    assert found >= {f"{method} {API}/{path}" for method, path in routes} | {
        "GET /api/models",
        "POST /api/models",
        "POST /api/cli/execute",
        "POST /api/context/preview",
        "POST /api/session",
    }


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    assert {"ProviderCredential", "CustomEndpoint", "Failure"} <= names


def test_a_patch_needs_nothing_and_takes_every_field(document: dict[str, Any]) -> None:
    operation = document["paths"][f"{API}/providers/{{provider_id}}"]["put"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "required" not in schema
    aliases = {f.alias or n for n, f in ProviderCredential.model_fields.items()}
    assert set(schema["properties"]) == aliases


def test_every_failure_has_the_one_shape(document: dict[str, Any]) -> None:
    failure = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            good, *failed = sorted(operation["responses"])
            assert good in ("200", "201")
            assert {"400", "401", "403", "422", "500"} <= set(failed)
            for status in failed:
                assert operation["responses"][status]["content"] == failure


def test_every_answer_says_what_it_holds(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            good = operation["responses"].get("200") or operation["responses"]["201"]
            assert good["content"]["application/json"]["schema"]


def test_whether_a_token_is_asked_for(document: dict[str, Any], project: Path) -> None:
    bearer = {"Authorization": "Bearer a-token-of-the-test"}
    closed = client_of(project, token="a-token-of-the-test").get("/openapi.json", headers=bearer)
    for described, security in ((document, []), (closed.json(), [{"token": []}])):
        scheme = described["components"]["securitySchemes"]["token"]
        assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
        assert described["security"] == security
        assert described["paths"]["/api/session"]["post"]["security"] == []


def test_a_wrong_method_is_told_all_right_ones(api: TestClient, document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        answer = api.options(path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == ", ".join(sorted(name.upper() for name in operations))


@pytest.mark.parametrize("path", ["/openapi.json", "/static/page.js"])
def test_a_wrong_method_of_a_file(api: TestClient, path: str) -> None:
    answer = api.delete(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_documentation_is_a_page_of_our_own(api: TestClient) -> None:
    answer = api.get("/docs")
    assert answer.status_code == 200
    assert f"GET {API}/cache/stats" in answer.text
    loaded = re.findall(r'(?:src|href)="([^"#]+)', answer.text)
    assert loaded
    assert not [address for address in loaded if not address.startswith("/")]
