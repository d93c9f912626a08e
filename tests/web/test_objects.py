"""Providers, endpoints and settings: every route, its answer, and what is on disk after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.projects import CONFIG, write_config
from tests.web.apis import API

KEY = "sk-live-0123456789abcdef"
PROVIDER = {"name": "My OpenAI", "type": "openai", "apiKey": "${OPENAI_API_KEY}", "enabled": True}
ADVANCED = {
    "timeout": None,
    "maxRetries": None,
    "organization": None,
    "apiVersion": None,
    "customHeaders": None,
    "rpm": None,
    "tpm": None,
    "proxy": None,
    "cacheMarks": None,
}


def without_times(value: dict[str, Any]) -> dict[str, Any]:
    """*value* without the moments of its making and change, which are there."""
    assert value["createdAt"]
    assert value["updatedAt"]
    return {k: v for k, v in value.items() if k not in ("createdAt", "updatedAt")}


def add_provider(api: TestClient, **fields: Any) -> dict[str, Any]:
    answer = api.post(f"{API}/providers", json={**PROVIDER, "id": "p", **fields})
    assert answer.status_code == 201
    return answer.json()["provider"]


def add_endpoint(api: TestClient, name: str, **fields: Any) -> dict[str, Any]:
    body = {"id": name, "providerId": "p", "model": "gpt-4o", **fields}
    answer = api.post(f"{API}/endpoints", json=body)
    assert answer.status_code == 201
    return answer.json()["endpoint"]


def test_an_added_provider_is_shown_in_whole(api: TestClient) -> None:
    answer = api.post(f"{API}/providers", json={**PROVIDER, "id": "p"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["success"] is True
    shown = {
        "id": "p",
        **PROVIDER,
        "apiBase": None,
        "advancedSettings": ADVANCED,
        "apiKeys": [],
        "routingStrategy": "simple-shuffle",
        "models": [],
    }
    assert without_times(body["provider"]) == shown
    assert api.get(f"{API}/providers/p").json() == body["provider"]
    assert api.get(f"{API}/providers").json() == {"providers": [body["provider"]], "count": 1}


def test_an_id_is_made_unless_given(api: TestClient) -> None:
    made = api.post(f"{API}/providers", json=PROVIDER).json()["provider"]["id"]
    assert made.startswith("openai-")
    assert made.removeprefix("openai-").isdecimal()


def test_a_change_is_a_merge_patch(api: TestClient) -> None:
    add_provider(api, advancedSettings={"timeout": 30})
    patch = {"name": "Renamed", "advancedSettings": {"maxRetries": 1}}
    answer = api.put(f"{API}/providers/p", json=patch)
    assert answer.status_code == 200
    changed = answer.json()["provider"]
    assert changed["name"] == "Renamed"
    assert changed["advancedSettings"] == {**ADVANCED, "timeout": 30, "maxRetries": 1}
    assert changed["apiKey"] == "${OPENAI_API_KEY}"


def test_a_masked_key_means_unchanged(api: TestClient, project: Path) -> None:
    shown = add_provider(api, apiKey=KEY)
    assert shown["apiKey"] == "sk-…cdef"
    answer = api.put(f"{API}/providers/p", json={**shown, "name": "Renamed"})
    assert answer.status_code == 200
    saved = json.loads((project / CONFIG).read_text())["providers"][0]
    assert (saved["name"], saved["apiKey"]) == ("Renamed", KEY)


def test_a_masked_key_of_nothing_is_refused(api: TestClient, project: Path) -> None:
    answer = api.post(f"{API}/providers", json={**PROVIDER, "apiKey": "sk-…cdef"})
    assert answer.status_code == 422
    assert answer.json()["error"]["type"] == "invalid_value"
    assert not (project / CONFIG).exists()


def test_removing_a_provider_tells_what_goes_with_it(api: TestClient) -> None:
    add_provider(api)
    add_provider(api, id="other")
    add_endpoint(api, "a")
    add_endpoint(api, "b", providerId="other")
    add_endpoint(api, "c")
    answer = api.delete(f"{API}/providers/p")
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "deletedEndpoints": ["a", "c"],
        "defaultEndpoint": "b",
        "notes": [],
    }
    assert [e["id"] for e in api.get(f"{API}/endpoints").json()["endpoints"]] == ["b"]


def test_an_endpoint_comes_changes_and_goes(api: TestClient) -> None:
    add_provider(api)
    strategy = {"ttlMinutes": 5, "filePatterns": ["*.md"]}
    made = add_endpoint(api, "a", cacheStrategy=strategy)
    assert without_times(made) == {
        "id": "a",
        "name": "a",
        "providerId": "p",
        "model": "gpt-4o",
        "description": None,
        "purpose": "chat",
        "cacheStrategy": {
            "enabled": True,
            "ttlMinutes": 5,
            "maxSizeKB": 512,
            "filePatterns": ["*.md"],
            "layout": "stable",
            "providerCache": "5m",
        },
        "params": {},
        "fallbacks": [],
        "enabled": True,
    }
    assert api.get(f"{API}/endpoints/a").json() == made
    patch = {"cacheStrategy": {"maxSizeKB": 64}}
    changed = api.put(f"{API}/endpoints/a", json=patch).json()["endpoint"]
    assert changed["cacheStrategy"] == {**made["cacheStrategy"], "maxSizeKB": 64}
    gone = api.delete(f"{API}/endpoints/a").json()
    assert gone == {
        "success": True,
        "deletedEndpoints": ["a"],
        "defaultEndpoint": None,
        "notes": [],
    }
    assert api.get(f"{API}/endpoints").json() == {"endpoints": [], "count": 0}


def test_the_default_endpoint_is_chosen_and_cleared(api: TestClient) -> None:
    add_provider(api)
    add_endpoint(api, "a")
    add_endpoint(api, "b")
    chosen = api.put(f"{API}/config/default-endpoint", json={"defaultEndpoint": "b"})
    assert chosen.json() == {"success": True, "defaultEndpoint": "b"}
    assert api.get(f"{API}/config").json()["defaultEndpoint"] == "b"
    cleared = api.put(f"{API}/config/default-endpoint", json={"defaultEndpoint": None})
    assert cleared.json() == {"success": True, "defaultEndpoint": None}


def test_cache_settings_are_merged(api: TestClient) -> None:
    answer = api.put(f"{API}/config/cache", json={"maxTotalSizeMB": 7})
    settings = {"enabled": True, "cacheDir": "~/.ccw/cache/context", "maxTotalSizeMB": 7}
    assert answer.json() == {"success": True, "globalCacheSettings": settings}
    assert api.get(f"{API}/config").json() == {
        "version": 1,
        "providers": [],
        "endpoints": [],
        "defaultEndpoint": None,
        "globalCacheSettings": settings,
    }


def test_reading_writes_nothing(api: TestClient, project: Path) -> None:
    for route in ("providers", "endpoints", "config", "cache/stats", "cache/sessions"):
        assert api.get(f"{API}/{route}").status_code == 200
    assert not (project / CONFIG).exists()


def test_what_another_process_saves_is_seen(api: TestClient, project: Path) -> None:
    assert api.get(f"{API}/providers").json()["count"] == 0
    write_config(project, {"providers": [{"id": "p", "name": "P", "type": "openai"}]})
    assert [p["id"] for p in api.get(f"{API}/providers").json()["providers"]] == ["p"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('{"providers": [', id="not-json"),
        pytest.param('{"providers": [{"id": 5}]}', id="wrong-types"),
        pytest.param('{"version": 99}', id="newer"),
    ],
)
def test_a_broken_file_is_named_and_left_alone(api: TestClient, project: Path, broken: str) -> None:
    (project / CONFIG).write_text(broken)
    for answer in (
        api.get(f"{API}/providers"),
        api.post(f"{API}/providers", json=PROVIDER),
        api.put(f"{API}/config/cache", json={"enabled": False}),
    ):
        assert answer.status_code == 500
        error = answer.json()["error"]
        assert error["type"] == "config_file_error"
        assert str(project / CONFIG) in error["message"]
    assert (project / CONFIG).read_text() == broken


def test_the_users_own_file_is_changed_when_asked(api: TestClient, project: Path) -> None:
    answer = api.post(f"{API}/providers?user=true", json={**PROVIDER, "id": "mine"})
    assert answer.status_code == 201
    assert not (project / CONFIG).exists()
    assert [p["id"] for p in api.get(f"{API}/providers").json()["providers"]] == ["mine"]
    refused = api.put(f"{API}/providers/mine", json={"name": "X"})
    assert refused.status_code == 404
    assert api.put(f"{API}/providers/mine?user=true", json={"name": "X"}).status_code == 200
