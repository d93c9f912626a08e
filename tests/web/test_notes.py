"""What the answers to changes say besides, as the command line does; slips in types are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.projects import CONFIG, write_config
from tests.web.apis import API, client_of, environ
from tests.web.test_objects import add_endpoint

P, E = f"{API}/providers", f"{API}/endpoints"
UNKNOWN = {"id": "p", "type": "nobodys"}
NO_SUCH = "type: neither ccw nor litellm has a provider of that name"
BASE = "type custom needs an address: ccw provider update p --api-base https://…"
UNSET = "MY_KEY is not set at present; export it, or put it into the project's .env"
LITERAL = (
    "the key itself is now in the config file; prefer a reference: "
    "ccw provider update p --api-key-env NAME"
)


def notes(answer: Any) -> list[str]:
    """The notes of an answer to a change that was made."""
    assert answer.status_code in (200, 201), answer.text
    found: list[str] = answer.json()["notes"]
    return found


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"type": "openai"}, [], id="nothing"),
        pytest.param({"type": "custom"}, [BASE], id="no-base"),
        pytest.param({"type": "openai", "apiKey": "${MY_KEY}"}, [UNSET], id="unset"),
        pytest.param({"type": "openai", "api_key": "sk-live-0123456789"}, [LITERAL], id="literal"),
        pytest.param(
            {"type": "openai", "apiKeys": [{"id": "a", "key": "$MY_KEY"}]}, [UNSET], id="in-pool"
        ),
    ],
)
def test_an_added_provider(api: TestClient, fields: dict[str, Any], said: list[str]) -> None:
    assert notes(api.post(P, json={"id": "p", **fields})) == said


def test_a_type_that_is_easily_confused(api: TestClient) -> None:
    [note] = notes(api.post(P, json={"id": "p", "type": "azure_ai"}))
    assert note == "azure_ai is litellm's provider of that name; another type is azure"


def test_a_changed_provider(api: TestClient) -> None:
    api.post(P, json={"id": "p", "type": "openai", "apiKey": "sk-live-0123456789abcdef"})
    shown = api.get(f"{P}/p").json()
    assert notes(api.put(f"{P}/p", json=shown)) == []  # the key comes back masked
    assert notes(api.put(f"{P}/p", json={"apiKey": "sk-live-1"})) == [LITERAL]
    assert notes(api.put(f"{P}/p", json={"apiKey": "${MY_KEY}"})) == [UNSET]
    assert notes(api.put(f"{P}/p", json={"name": "P"})) == [UNSET]


def test_an_unknown_type_has_to_be_insisted_on(api: TestClient, project: Path) -> None:
    refused = api.post(P, json=UNKNOWN)
    message = f"{NO_SUCH}; to use it all the same, add: ?anyType=true"
    error = {"type": "invalid_value", "message": message}
    assert (refused.status_code, refused.json()["error"]) == (422, error)
    assert not (project / CONFIG).exists()
    assert notes(api.post(f"{P}?anyType=true", json=UNKNOWN)) == []
    assert notes(api.put(f"{P}/p", json={**UNKNOWN, "name": "M"})) == []  # it stays as it is
    slip = api.put(f"{P}/p", json={"type": "opnai"})
    assert slip.status_code == 422
    assert "did you mean openai?" in slip.json()["error"]["message"]
    assert notes(api.put(f"{P}/p?anyType=true", json={"type": "opnai"})) == []


def test_fallbacks_that_would_not_be_asked(api: TestClient) -> None:
    api.post(P, json={"id": "p", "type": "openai"})
    body = {"id": "e", "providerId": "p", "model": "m", "fallbacks": ["nobody"]}
    unknown = ["fallback Endpoint not found: nobody"]
    assert notes(api.post(E, json=body)) == unknown
    assert notes(api.put(f"{E}/e", json={"name": "E"})) == []
    add_endpoint(api, "off", enabled=False)
    said = ["fallback off is disabled, or its provider is"]
    assert notes(api.put(f"{E}/e", json={"fallbacks": ["off"]})) == said
    assert notes(api.put(f"{E}/e", json={"fallbacks": []})) == []


def test_what_takes_the_place_of_the_users_own(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    api = client_of(project, environ={**environ(), "HOME": str(home)})
    one = {"id": "p", "type": "openai"}
    assert notes(api.post(f"{P}?user=true", json=one)) == []
    assert notes(api.post(P, json=one)) == ["in this project it takes the place of your own p"]
    mine = {"id": "e", "providerId": "p", "model": "m"}
    assert notes(api.post(E, json=mine)) == []
    assert notes(api.post(f"{E}?user=true", json=mine)) == [
        "this project has a e of its own, which is used here"
    ]


def test_a_broken_env_file_saves_nothing(api: TestClient, project: Path) -> None:
    (project / ".env").write_bytes(b"\xff\xfe\x00")
    assert api.post(P, json={"id": "p", "type": "openai"}).status_code in (422, 500)
    assert not (project / CONFIG).exists()


def test_removing_says_nothing_more(api: TestClient, project: Path) -> None:
    provider = {"id": "p", "name": "P", "type": "openai"}
    write_config(project, {"providers": [provider], "endpoints": []})
    assert notes(api.delete(f"{P}/p")) == []
    assert json.loads((project / CONFIG).read_text())["providers"] == []
