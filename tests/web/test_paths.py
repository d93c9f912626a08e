"""`GET /api/context/paths`: what the playground offers while a path is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.apis import client_of


@pytest.fixture
def shop_api(shop: Path) -> TestClient:
    return client_of(shop)


def test_folders_come_first(shop_api: TestClient) -> None:
    answer = shop_api.get("/api/context/paths", params={"prefix": "src/auth/"})
    assert answer.json() == {
        "paths": [
            {"path": "src/auth/nested/", "folder": True},
            {"path": "src/auth/login.ts", "folder": False},
        ],
        "count": 2,
        "more": False,
    }


@pytest.mark.parametrize(
    ("prefix", "status", "kind"),
    [
        pytest.param("../", 422, "path_not_allowed", id="outside"),
        pytest.param("x" * 5000, 422, "invalid_value", id="too-long"),
    ],
)
def test_what_is_refused(shop_api: TestClient, prefix: str, status: int, kind: str) -> None:
    answer = shop_api.get("/api/context/paths", params={"prefix": prefix})
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
