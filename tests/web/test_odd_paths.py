"""Paths that can lead nowhere: told like any other wrong value, and put right again."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.apis import API

NUL = "a\0b"
LONG = "x" * 5000


@pytest.mark.parametrize("path", [NUL, f"~/{NUL}", f"/{NUL}", LONG, f"/{LONG}"])
def test_a_key_in_a_file_that_cannot_be(api: TestClient, path: str) -> None:
    provider = {"id": "p", "type": "openai", "apiKey": f"${{file:{path}}}"}
    assert api.post(f"{API}/providers", json=provider).status_code == 201
    tested = api.post(f"{API}/providers/p/test")
    assert (tested.status_code, tested.json()["success"]) == (200, False)
    models = api.get(f"{API}/providers/p/models")
    assert (models.status_code, models.json()["error"]["type"]) == (422, "secret_unavailable")
    assert api.delete(f"{API}/providers/p").status_code == 200


@pytest.mark.parametrize("folder", [NUL, f"/{NUL}", LONG, f"/{LONG}"])
def test_a_cache_folder_that_cannot_be(asked: TestClient, folder: str) -> None:
    assert asked.put(f"{API}/config/cache", json={"cacheDir": folder}).status_code == 200
    assert asked.get(f"{API}/cache/stats").json()["entries"] == 0
    assert asked.get(f"{API}/cache/sessions").json()["count"] == 0
    assert asked.post(f"{API}/cache/clear").status_code == 200
    answer = asked.post("/api/cli/execute", json={"prompt": "@README.md what?", "stream": False})
    assert (answer.status_code, answer.json()["sessionId"]) == (200, None)
    assert asked.put(f"{API}/config/cache", json={"cacheDir": "~/kept"}).status_code == 200


@pytest.mark.parametrize("folder", [NUL, LONG, f"/{LONG}"])
@pytest.mark.parametrize("field", ["cd", "includeDirs"])
def test_a_folder_of_a_call_that_cannot_be(asked: TestClient, field: str, folder: str) -> None:
    answer = asked.post("/api/context/preview", json={"prompt": "x", field: folder})
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "usage_error")


def test_a_folder_that_may_not_be_looked_at(asked: TestClient, shop: Path) -> None:
    (shop / "README").symlink_to("README")  # leads to itself
    answer = asked.post("/api/context/preview", json={"prompt": "x", "cd": "README/in"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "usage_error")
