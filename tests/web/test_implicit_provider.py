"""The provider that LITELLM_ENABLED makes, over HTTP: from its test to an answer of its model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.projects import CONFIG
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER
from tests.web.apis import API, client_of, environ

ENDPOINT = {"id": "ask", "providerId": "litellm", "model": "gpt-4o"}


@pytest.fixture(params=["environment", "dotenv"])
def implicit(request: pytest.FixtureRequest, project: Path, openai_server: Server) -> TestClient:
    """The application where a variable, of the process or of `.env`, makes the provider."""
    variables = {"LITELLM_ENABLED": "true", "LITELLM_BASE_URL": openai_server.base}
    if request.param == "environment":
        return client_of(project, environ={**environ(), **variables})
    (project / ".env").write_text("".join(f"{n}={v}\n" for n, v in variables.items()))
    return client_of(project, environ={**environ(), "CCW_TRUST": "1"})


def test_from_the_list_to_an_answer(implicit: TestClient, project: Path) -> None:
    with implicit as api:
        listed = api.get(f"{API}/providers").json()
        assert [p["id"] for p in listed["providers"]] == ["litellm"]
        shown = api.get(f"{API}/providers/litellm")
        assert (shown.json(), shown.status_code) == (listed["providers"][0], 200)
        assert api.post(f"{API}/providers/litellm/test").json()["success"] is True
        assert api.post(f"{API}/endpoints", json=ENDPOINT).status_code == 201
        assert api.put(f"{API}/endpoints/ask", json={"name": "Ask"}).status_code == 200
        answer = api.post("/api/cli/execute", json={"prompt": "hi", "stream": False})
        assert answer.json()["output"] == ANSWER
    saved = json.loads((project / CONFIG).read_text())
    assert (saved.get("providers", []), saved["defaultEndpoint"]) == ([], "ask")


def test_it_is_no_provider_to_change(implicit: TestClient) -> None:
    for method in ("PUT", "DELETE"):
        answer = implicit.request(method, f"{API}/providers/litellm", json={})
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")


def test_a_dotenv_makes_no_provider_for_other_projects(project: Path) -> None:
    (project / ".env").write_text("LITELLM_ENABLED=true\n")
    api = client_of(project)
    answer = api.post(f"{API}/endpoints?user=true", json=ENDPOINT)
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "invalid_value")
    own = client_of(project, environ={**environ(), "LITELLM_ENABLED": "true"})
    assert own.post(f"{API}/endpoints?user=true", json=ENDPOINT).status_code == 201


def test_without_the_variable_there_is_none(api: TestClient) -> None:
    assert api.get(f"{API}/providers").json() == {"providers": [], "count": 0}
    answer = api.post(f"{API}/endpoints", json=ENDPOINT)
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "invalid_value")
