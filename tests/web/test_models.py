"""Model lists and connection tests over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.projects import configure
from tests.servers.loopback import Server
from tests.servers.openai_wire import MODELS, status
from tests.web.apis import API, client_of, environ

TEST, LIST = f"{API}/providers/loop/test", f"{API}/providers/loop/models"
CONNECT = f"{API}/test-connection"
KEY = "sk-canary-7f3d9a1b5c"


def ids(models: list[dict[str, Any]]) -> list[str]:
    return [model["id"] for model in models]


def test_a_saved_provider_is_tested(asked: TestClient) -> None:
    answer = asked.post(TEST)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["provider"], body["error"]) == (True, "loop", None)
    assert ids(body["models"]) == list(MODELS)
    assert body["latencyMs"] > 0


def test_a_test_that_fails_is_an_answer(asked: TestClient, openai_server: Server) -> None:
    openai_server.stop()
    answer = asked.post(TEST)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["kind"], body["models"]) == (False, "refused", [])
    assert body["error"]


@pytest.mark.parametrize("name", ["baseUrl", "url"])
def test_a_connection_is_tested_before_it_is_saved(
    asked: TestClient, openai_server: Server, name: str
) -> None:
    answer = asked.post(CONNECT, json={name: openai_server.root})
    assert answer.status_code == 200
    assert (answer.json()["success"], ids(answer.json()["models"])) == (True, list(MODELS))
    assert "authorization" not in openai_server.requests[-1].headers


def test_a_key_may_be_a_reference(shop: Any, openai_server: Server) -> None:
    api = client_of(shop, environ={**environ(), "MY_KEY": KEY})
    answer = api.post(CONNECT, json={"baseUrl": openai_server.root, "apiKey": "${MY_KEY}"})
    assert answer.json()["success"] is True
    assert openai_server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in answer.text


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        pytest.param({}, 422, "baseUrl", id="no-address"),
        pytest.param({"baseUrl": "x", "apikey": "y"}, 422, "apikey", id="slip"),
        pytest.param({"baseUrl": "x", "apiKey": "sk-…9a1b"}, 422, "masked", id="masked"),
        pytest.param({"baseUrl": "x", "apiKey": "${NO_SUCH}"}, 422, "NO_SUCH", id="unset"),
        pytest.param({"baseUrl": "x", "apiKey": "${cmd:id}"}, 422, "save", id="command"),
    ],
)
def test_connections_that_cannot_be_tested(
    asked: TestClient, body: dict[str, str], code: int, said: str
) -> None:
    answer = asked.post(CONNECT, json=body)
    assert answer.status_code == code
    assert said in answer.json()["error"]["message"]


def test_an_address_that_is_none_is_an_answer(asked: TestClient) -> None:
    body = asked.post(CONNECT, json={"baseUrl": "ftp://nowhere"}).json()
    assert (body["success"], body["kind"]) == (False, "url")


def test_the_models_of_a_provider(asked: TestClient, openai_server: Server) -> None:
    first = asked.get(LIST).json()
    assert (ids(first["models"]), first["count"]) == (list(MODELS), 2)
    assert (first["source"], first["stale"], first["error"]) == ("gateway", False, None)
    seen = len(openai_server.requests)
    again = asked.get(LIST).json()
    assert (again["source"], again["models"]) == ("cache", first["models"])
    assert len(openai_server.requests) == seen
    assert asked.get(f"{LIST}?refresh=true").json()["source"] == "gateway"
    assert len(openai_server.requests) > seen


def test_a_gateway_that_is_down_leaves_the_last_list(
    asked: TestClient, openai_server: Server
) -> None:
    asked.get(LIST)
    openai_server.default = status(500)
    stale = asked.get(f"{LIST}?refresh=true").json()
    assert (stale["stale"], ids(stale["models"])) == (True, list(MODELS))
    assert stale["error"].startswith("Could not fetch models")


def test_all_models_as_one_array(asked: TestClient) -> None:
    asked.post(f"{API}/providers", json={"id": "ant", "type": "anthropic", "apiKey": "${NO_KEY}"})
    models = asked.get("/api/models").json()
    of_loop = [model for model in models if model["providerId"] == "loop"]
    assert ids(of_loop) == list(MODELS)
    assert {model["provider"] for model in models} == {"custom", "anthropic"}
    assert {"id", "name", "provider", "vendor", "contextWindow", "contextWindowEstimated"} <= set(
        models[0]
    )


def test_a_gateway_of_litellm_is_named_so(project: Any, openai_server: Server) -> None:
    configure(project, openai_server.base)
    api = client_of(project)
    api.put(f"{API}/providers/loop", json={"type": "litellm"})
    assert {model["provider"] for model in api.get("/api/models").json()} == {"litellm"}


def test_all_lists_are_fetched_anew(asked: TestClient, openai_server: Server) -> None:
    asked.get("/api/models")
    seen = len(openai_server.requests)
    refreshed = asked.post("/api/models").json()
    assert refreshed == {
        "success": True,
        "message": "Model cache refreshed",
        "count": 2,
        "errors": {},
    }
    assert len(openai_server.requests) > seen


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "models"), ("POST", "test")], ids=["models", "test"]
)
def test_a_provider_that_is_not_there(asked: TestClient, method: str, path: str) -> None:
    answer = asked.request(method, f"{API}/providers/nobody/{path}")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")


def test_without_providers_there_are_no_models(api: TestClient) -> None:
    assert api.get("/api/models").json() == []
