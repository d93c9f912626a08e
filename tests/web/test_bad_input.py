"""What is wrong with a request is told in one shape, with the right status, and saves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projects import CONFIG
from tests.web.apis import API

JSON = {"Content-Type": "application/json"}
P, E, C = f"{API}/providers", f"{API}/endpoints", f"{API}/config"
EXECUTE, PREVIEW = "/api/cli/execute", "/api/context/preview"
GOOD = {"id": "p", "name": "P", "type": "openai"}


def refused(api: TestClient, method: str, path: str, **given: Any) -> tuple[int, str, str]:
    """The status of an answer in the one shape, its type and message."""
    answer = api.request(method, path, **given)
    body = answer.json()
    assert set(body) <= {"error", "exitCode", "output", "attempts", "notes"}
    assert set(body["error"]) == {"type", "message"}
    return answer.status_code, body["error"]["type"], body["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "kind"),
    [
        pytest.param("GET", "/nothing", {}, 404, "not_found", id="unknown-route"),
        pytest.param("PATCH", P, {}, 405, "method_not_allowed", id="wrong-method"),
        pytest.param("GET", f"{P}/", {}, 404, "not_found", id="trailing-slash"),
        pytest.param("GET", f"{P}/nobody", {}, 404, "not_found", id="unknown-provider"),
        pytest.param("GET", f"{E}/nobody", {}, 404, "not_found", id="unknown-endpoint"),
        pytest.param("PUT", f"{P}/nobody", {"json": {}}, 404, "not_found", id="change-unknown"),
        pytest.param("DELETE", f"{E}/nobody", {}, 404, "not_found", id="remove-unknown"),
        pytest.param("GET", f"{P}/a%2Fb", {}, 404, "not_found", id="slash-in-id"),
        pytest.param("GET", f"{P}/..%2F..%2Fetc", {}, 404, "not_found", id="dots-in-id"),
        pytest.param("DELETE", f"{P}/%F0%9F%98%80", {}, 404, "not_found", id="emoji-in-id"),
        pytest.param("GET", f"{P}/%FF%00", {}, 404, "not_found", id="not-utf-8-in-id"),
        pytest.param("GET", f"{API}/cache/sessions/%00", {}, 404, "not_found", id="nul-in-session"),
        pytest.param(
            "GET", f"{API}/cache/sessions/x?limit=0", {}, 422, "invalid_value", id="limit"
        ),
        pytest.param(
            "GET", f"{API}/cache/sessions/x?offset=y", {}, 422, "invalid_value", id="offset"
        ),
        pytest.param("POST", P, {}, 422, "invalid_value", id="no-body"),
        pytest.param("POST", P, {"json": []}, 422, "invalid_value", id="list-for-object"),
        pytest.param("POST", P, {"json": None}, 422, "invalid_value", id="null-for-object"),
        pytest.param("POST", P, {"json": {}}, 422, "invalid_value", id="empty-provider"),
        pytest.param(
            "POST", P, {"json": {**GOOD, "enabled": "yes"}}, 422, "invalid_value", id="wrong-type"
        ),
        pytest.param(
            "POST", P, {"json": {**GOOD, "id": "a/b"}}, 422, "invalid_value", id="impossible-id"
        ),
        pytest.param(
            "POST", P, {"json": {**GOOD, "apiBase": "ftp://x"}}, 422, "invalid_value", id="base"
        ),
        pytest.param(
            "PUT", f"{C}/cache", {"json": {"maxTotalSizeMB": 0}}, 422, "invalid_value", id="bound"
        ),
        pytest.param(
            "PUT", f"{C}/default-endpoint", {"json": {}}, 422, "invalid_value", id="no-default"
        ),
        pytest.param(
            "PUT",
            f"{C}/default-endpoint",
            {"json": {"defaultEndpoint": "nobody"}},
            404,
            "not_found",
            id="unknown-default",
        ),
        pytest.param("POST", EXECUTE, {"json": {}}, 422, "invalid_value", id="no-prompt"),
        pytest.param(
            "POST", EXECUTE, {"json": {"prompt": "x", "tol": 1}}, 422, "invalid_value", id="slip"
        ),
        pytest.param(
            "POST", PREVIEW, {"json": {"prompt": 5}}, 422, "invalid_value", id="prompt-type"
        ),
        pytest.param(
            "POST", PREVIEW, {"json": {"prompt": " "}}, 422, "usage_error", id="empty-prompt"
        ),
        pytest.param(
            "POST",
            PREVIEW,
            {"json": {"prompt": "x", "cd": "nowhere"}},
            422,
            "usage_error",
            id="no-such-folder",
        ),
        pytest.param(
            "POST", PREVIEW, {"json": {"prompt": "x"}}, 422, "config_error", id="nothing-configured"
        ),
    ],
)
def test_refused(
    api: TestClient,
    project: Path,
    method: str,
    path: str,
    given: dict[str, Any],
    status: int,
    kind: str,
) -> None:
    assert refused(api, method, path, **given)[:2] == (status, kind)
    assert not (project / CONFIG).exists()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut"),
        pytest.param(b"", id="declared-but-empty"),
        pytest.param(b"\xff\xfe", id="not-utf-8"),
        pytest.param(b"[" * 200_000, id="too-deep"),
        pytest.param(b'{"name": "x"} x', id="more-behind"),
    ],
)
def test_malformed_json(api: TestClient, project: Path, body: bytes) -> None:
    status, kind, _ = refused(api, "POST", P, content=body, headers=JSON)
    assert (status, kind) in {(400, "malformed"), (422, "invalid_value")}
    assert status == 400 or not body
    assert not (project / CONFIG).exists()


def test_a_duplicate_is_a_conflict(api: TestClient) -> None:
    assert api.post(P, json=GOOD).status_code == 201
    expected = (409, "already_exists", "Provider ID already exists: p")
    assert refused(api, "POST", P, json=GOOD) == expected
    endpoint = {"id": "e", "providerId": "p", "model": "m"}
    assert api.post(E, json=endpoint).status_code == 201
    expected = (409, "already_exists", "Endpoint ID already exists: e")
    assert refused(api, "POST", E, json=endpoint) == expected


def test_an_endpoint_needs_a_provider_that_is_there(api: TestClient) -> None:
    body = {"id": "e", "providerId": "nobody", "model": "m"}
    status, kind, message = refused(api, "POST", E, json=body)
    assert (status, kind) == (422, "invalid_value")
    assert message.startswith("Provider not found: nobody")


def test_texts_that_utf_8_cannot_carry(api: TestClient, project: Path) -> None:
    for field in ("name", "unknown"):
        body = b'{"type": "openai", "%s": "\\ud800"}' % field.encode()
        assert refused(api, "POST", P, content=body, headers=JSON)[0] == 422
    assert not (project / CONFIG).exists()


def test_a_wrong_value_is_not_repeated(api: TestClient) -> None:
    secret = "sk-live-0123456789abcdef"
    for body in ({**GOOD, "apiKey": [secret]}, {**GOOD, "advancedSettings": secret}):
        assert secret not in api.post(P, json=body).text
    assert secret not in api.post(EXECUTE, json={"prompt": [secret]}).text
    assert secret not in api.post("/api/session", json={"token": [secret]}).text


def test_markup_in_names_stays_data(api: TestClient) -> None:
    name = "<script>alert(1)</script>"
    answer = api.post(P, json={**GOOD, "name": name})
    assert answer.json()["provider"]["name"] == name
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_five_thousand_models_of_a_provider(api: TestClient) -> None:
    models = [{"id": f"m{n}"} for n in range(5000)]
    assert api.post(P, json={**GOOD, "models": models}).status_code == 201
    assert len(api.get(f"{P}/p").json()["models"]) == 5000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "id",
        "name",
        "type",
        "apiKey",
        "apiBase",
        "apiKeys",
        "models",
        "advancedSettings",
        "params",
        "providerId",
        "model",
        "cacheStrategy",
        "fallbacks",
        "enabled",
        "createdAt",
        "maxTotalSizeMB",
        "defaultEndpoint",
        "prompt",
        "includeDirs",
        "cd",
        "maxSize",
        "token",
    ]
)
WRITES = [
    ("POST", P),
    ("PUT", f"{P}/p"),
    ("POST", E),
    ("PUT", f"{E}/e"),
    ("PUT", f"{C}/default-endpoint"),
    ("PUT", f"{C}/cache"),
    ("POST", PREVIEW),
    ("POST", "/api/session"),
]


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(WRITES), body=st.dictionaries(FIELDS, VALUES, max_size=5))
def test_no_body_is_a_crash(
    api: TestClient, project: Path, route: tuple[str, str], body: dict[str, Any]
) -> None:
    (project / CONFIG).unlink(missing_ok=True)
    assert api.post(P, json=GOOD).status_code == 201
    answer = api.request(*route, content=json.dumps(body).encode(), headers=JSON)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) == {"type", "message"}
    assert api.get(C).status_code == 200
