"""Values that JSON can spell and nothing behind it can hold: too deep, endless, half a letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.projects import CONFIG
from tests.servers.loopback import Server
from tests.web.apis import API, client_of
from tests.web.test_bad_input import EXECUTE, GOOD, JSON, PREVIEW, C, E, P, refused

DEEP = b'{"a":' * 300 + b"1" + b"}" * 300
ENDLESS = [pytest.param(n, id=n.decode()) for n in (b"NaN", b"-Infinity", b"1e999")]


@pytest.mark.parametrize("params", [pytest.param(DEEP, id="deep"), *ENDLESS])
def test_what_no_call_could_send(api: TestClient, project: Path, params: bytes) -> None:
    assert api.post(P, json=GOOD).status_code == 201
    assert api.post(E, json={"id": "e", "providerId": "p", "model": "m"}).status_code == 201
    before = (project / CONFIG).read_bytes()
    fields = b'"params": {"seed": %s}' % params
    for method, path in (("PUT", f"{E}/e"), ("PUT", f"{P}/p"), ("PUT", f"{C}/cache")):
        body = b'{"providerId": "p", "model": "m", %s}' % fields
        status, kind, message = refused(api, method, path, content=body, headers=JSON)
        assert (status, kind) == (422, "invalid_value")
        assert message.startswith(("a value cannot be written as JSON", "e: params.seed holds a n"))
    for path in (EXECUTE, PREVIEW):
        body = b'{"prompt": "hi", "model": "e", %s}' % fields
        status, kind, message = refused(api, "POST", path, content=body, headers=JSON)
        assert (status, kind) == (422, "usage_error")
        assert message.startswith("params: seed ")
    assert (project / CONFIG).read_bytes() == before


HALF = r"sk-a\ud800b"
RIGHT = {
    EXECUTE: {"prompt": "hi"},
    f"{API}/test-connection": {"baseUrl": "http://127.0.0.1:9"},
    P: GOOD,
    E: {"id": "e", "providerId": "loop", "model": "m"},
}
HALVES = [
    *((EXECUTE, field) for field in ("prompt", "model", "cd", "x")),
    *((f"{API}/test-connection", field) for field in ("baseUrl", "apiKey", "type")),
    *((path, field) for path in (P, E) for field in ("id", "name", "x")),
]


@pytest.mark.parametrize(("path", "field"), HALVES)
def test_half_a_character(asked: TestClient, shop: Path, path: str, field: str) -> None:
    before = (shop / CONFIG).read_bytes()
    body = json.dumps(RIGHT[path] | {field: "?"}).replace('"?"', f'"{HALF}"').encode()
    status, _, message = refused(asked, "POST", path, content=body, headers=JSON)
    assert status == 422
    assert "sk-a" not in message
    assert (shop / CONFIG).read_bytes() == before


@pytest.mark.parametrize(
    "params",
    [
        {"apiBase": "http://evil.example/"},
        {"base_url": "http://evil.example/"},
        {"api_key": "sk-evil"},
        {"extra_body": {"model": "dear"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [EXECUTE, PREVIEW])
def test_a_parameter_that_leads_elsewhere(
    asked: TestClient, openai_server: Server, path: str, params: dict[str, Any]
) -> None:
    status, kind, message = refused(asked, "POST", path, json={"prompt": "hi", "params": params})
    [name] = params
    assert (status, kind) == (422, "usage_error")
    assert message.startswith(f"params: {name} would change where the call goes")
    assert "evil" not in message
    assert openai_server.requests == []


def test_half_a_character_in_the_name_of_a_parameter(asked: TestClient) -> None:
    body = b'{"prompt": "hi", "params": {"a\\ud800": 1}}'
    status, kind, message = refused(asked, "POST", EXECUTE, content=body, headers=JSON)
    expected = (422, "invalid_value", "body: expected texts without lone surrogates")
    assert (status, kind, message) == expected


def test_a_file_nested_too_deep_is_a_clear_error(api: TestClient, project: Path) -> None:
    (project / CONFIG).write_bytes(b'{"unknown": %s}' % DEEP)
    status, kind, message = refused(api, "GET", C)
    assert (status, kind) == (500, "config_file_error")
    assert message.endswith("is nested more than 128 deep; correct it")


def test_half_a_character_is_no_token(project: Path) -> None:
    api = client_of(project, token="a-token-of-the-test")
    body = b'{"token": "\\ud800"}'
    expected = (401, "token_refused", "this is not the token of this server")
    assert refused(api, "POST", "/api/session", content=body, headers=JSON) == expected


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        (f"{E}/ask", {"params": {"apiBase": "http://evil"}}, "ask: params.apiBase would change"),
        (f"{E}/ask", {"params": {"num_retries": 2}}, "ask: params.num_retries belongs to the pro"),
        (
            f"{P}/loop",
            {"advancedSettings": {"customHeaders": {"Host": "evil"}}},
            "loop: advancedSettings.customHeaders.Host belongs to the connection",
        ),
        (f"{P}/loop", {"apiBase": "http://h/v1#x"}, "loop: apiBase: must not hold a fragment"),
    ],
)
def test_what_no_call_may_have(
    asked: TestClient, shop: Path, path: str, fields: dict[str, Any], said: str
) -> None:
    before = (shop / CONFIG).read_bytes()
    whole = path.rpartition("/")[0]
    for method, to, body in (("PUT", path, fields), ("POST", whole, {**RIGHT[whole], **fields})):
        status, kind, message = refused(asked, method, to, json=body)
        assert (status, kind) == (422, "invalid_value")
        assert said.partition(": ")[2] in message
    assert (shop / CONFIG).read_bytes() == before
